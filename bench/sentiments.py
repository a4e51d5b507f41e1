"""Tweets and sentences of film reviews with what people made of them: from the source package of vaderSentiment 3.3.2 (Hutto and Gilbert 2014),
which holds them in an archive of its own."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy

FILES = {"tweets": "tweets_GroundTruth.txt", "film reviews": "movieReviewSnippets_GroundTruth.txt"}


def read_sentiments(source_package: Path) -> dict[str, tuple[list[str], numpy.ndarray]]:
    """Name → texts, and 1 where the mean of the ratings is above 0."""
    with tarfile.open(source_package) as outer:
        inner = next(member for member in outer if member.name.endswith("hutto_ICWSM_2014.tar.gz"))
        archive = outer.extractfile(inner).read()
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        contents = {Path(member.name).name: files.extractfile(member).read() for member in files if member.isfile()}
    found = {}
    for name, file in FILES.items():
        rows = [line.split("\t") for line in contents[file].decode("utf-8", "replace").splitlines() if line.count("\t") >= 2]
        found[name] = [row[2] for row in rows], numpy.array([float(row[1]) > 0 for row in rows], "int64")
    return found
