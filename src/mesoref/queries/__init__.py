"""One pure function a verb: a knowledge base and a question in, a view out. A module a verb."""
