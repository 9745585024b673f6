"""ExecutePipeline: queries as a list of stages, each with expressions that the server evaluates."""
