"""The fidelity oracle: is a copy of a schema the same schema?"""
