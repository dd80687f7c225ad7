from .http import fetch_token

__all__ = ["fetch_token"]
