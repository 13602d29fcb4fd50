"""The stage that touches the world: reviews from sites and files into the store."""
