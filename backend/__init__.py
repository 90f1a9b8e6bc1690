"""The front door: HTTP for Label Studio, its API client, guarded media fetching, queues and settings."""
