"""Measurements to evidence: how much rarer is this than in traffic outside the community?"""
