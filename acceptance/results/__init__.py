"""The results page: experiments, what they measured, figures drawn from it, and docs/results.md."""
