"""The whole job of Spark's own Word2Vec, in local mode: start, read, train, save; run in a fresh process.

It counts and trains in one call, so counting is part of the seconds of training.

Usage: python spark_job.py '{"corpus": ..., "folder": ..., "threads": ..., "settings": {...}}'
"""

from __future__ import annotations

import time

started = time.perf_counter()

import json  # noqa: E402  (imports are part of the job, and are timed)
import sys  # noqa: E402
from collections import Counter  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402
from pyspark import SparkContext  # noqa: E402
from pyspark.ml.feature import Word2Vec  # noqa: E402
from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql.functions import split  # noqa: E402

MEMORY = "8g"  # of the driver, which does everything in local mode


def main() -> None:
    """Train, save words and vectors, and report the seconds of each phase."""
    job = json.loads(sys.argv[1])
    corpus, folder, threads = job["corpus"], Path(job["folder"]), job["threads"]
    folder.mkdir()
    spark = (
        SparkSession.builder.master(f"local[{threads}]")
        .config("spark.driver.memory", MEMORY)
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    phases = {"importing": time.perf_counter() - started}

    phase_started = time.perf_counter()
    texts = spark.read.text(corpus).select(split("value", " ").alias("words")).repartition(threads).cache()
    texts.count()
    phases["reading"] = time.perf_counter() - phase_started

    phase_started = time.perf_counter()
    model = Word2Vec(inputCol="words", outputCol="vector", numPartitions=threads, **job["settings"]).fit(
        texts
    )
    rows = model.getVectors().collect()
    phases["training"] = time.perf_counter() - phase_started

    phase_started = time.perf_counter()
    counts = Counter(Path(corpus).read_text(encoding="utf-8").split())
    vectors = {row.word: row.vector.toArray() for row in rows}
    words = sorted(vectors, key=lambda word: (-counts[word], word))
    np.save(folder / "vectors.npy", np.array([vectors[word] for word in words], np.float32))
    (folder / "words.json").write_text(json.dumps(words), encoding="utf-8")
    phases["saving"] = time.perf_counter() - phase_started
    report = {"phases": phases, "words": sum(counts[word] for word in words)}
    (folder / "report.json").write_text(json.dumps(report), encoding="utf-8")
    java = SparkContext._gateway.proc
    spark.stop()
    java.stdin.close()  # on which it ends
    java.wait()  # its CPU seconds and its peak memory count as this job's


if __name__ == "__main__":
    main()
