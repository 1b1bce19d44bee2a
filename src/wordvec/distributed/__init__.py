"""Distributed training: ranks train their shares of the text by rounds, and combine what they have learned."""
