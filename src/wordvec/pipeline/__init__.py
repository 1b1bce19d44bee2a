"""Pipeline: read → count → encode → train → WordVectors. Start reading in train.py."""
