# The public names, for type checkers; made by `make architecture`.
from wordvec.config import Config as Config
from wordvec.errors import ConfigError as ConfigError
from wordvec.errors import CorpusError as CorpusError
from wordvec.errors import EngineError as EngineError
from wordvec.errors import EvaluationError as EvaluationError
from wordvec.errors import FormatError as FormatError
from wordvec.errors import MissingPackageError as MissingPackageError
from wordvec.errors import ResourceError as ResourceError
from wordvec.errors import UnknownWordError as UnknownWordError
from wordvec.errors import WordvecError as WordvecError
from wordvec.formats.encoder_folder import load_encoder as load_encoder
from wordvec.formats.encoder_folder import save_encoder as save_encoder
from wordvec.formats.hub import push_to_hub as push_to_hub
from wordvec.formats.load import load as load
from wordvec.phrases.finding import find_phrases as find_phrases
from wordvec.phrases.phrases import Phrases as Phrases
from wordvec.pipeline.launchers import train_on_ray as train_on_ray
from wordvec.pipeline.launchers import train_on_spark as train_on_spark
from wordvec.pipeline.resume import resume as resume
from wordvec.pipeline.train import train as train
from wordvec.recipes.catalog import recipe as recipe
from wordvec.tuning.tune import tune as tune
from wordvec.vectors.approximate import ApproximateSearch as ApproximateSearch
from wordvec.vectors.documents import DocumentEncoder as DocumentEncoder
from wordvec.vectors.text_encoder import TextEncoder as TextEncoder
from wordvec.vectors.word_vectors import WordVectors as WordVectors

__version__: str
