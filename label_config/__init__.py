"""Label Studio labelling configs: read a project's config, write results it can show."""
