"""Text cut into tokens by one of six taggers."""

from pipeline.tokenizer.choose import make_tokenizer, shared_tokenizer
from pipeline.tokenizer.tokens import Tokenizer

__all__ = ["Tokenizer", "make_tokenizer", "shared_tokenizer"]
