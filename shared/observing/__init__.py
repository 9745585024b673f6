"""What a request did, as spans and numbers: recorded in process, handed on off the request's path."""
