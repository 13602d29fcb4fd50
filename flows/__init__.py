"""Orchestration: the tasks and flows that run the stages of ``pipeline`` under Prefect."""
