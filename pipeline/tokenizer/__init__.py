"""Tokenizes Korean text with one of six morphological taggers."""

from pipeline.tokenizer.base import Tokenizer
from pipeline.tokenizer.factory import make_tokenizer, shared_tokenizer

__all__ = ["Tokenizer", "make_tokenizer", "shared_tokenizer"]
