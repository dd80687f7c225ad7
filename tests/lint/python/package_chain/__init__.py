from .inner import fetch_token as token
