"""Why a model answers as it does: of one review, and over all of them."""
