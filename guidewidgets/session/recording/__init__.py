"""Calls noted as data, written as Python, replayed."""
