"""Audio-visual learning: networks, media, pairs, training, localization, tracks, retrieval, evaluation."""
