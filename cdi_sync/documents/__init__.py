"""Documents that a step of the procedure asks for, filled from a case: what they are, and the facts that they show. Pure.

`declaration` says which there are, `facts` how a cell becomes a text, `making` which facts each document takes; the other
modules gather the facts of one document each. `edges/documents.py` puts them into the templates.
"""
