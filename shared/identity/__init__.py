"""Who is asking: sign-in, sessions, tokens, Drive grants, and who may read which file."""
