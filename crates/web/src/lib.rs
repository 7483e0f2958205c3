//! What every HTTP surface shares: CSRF, problems, rate limits, assets, page frame, the outbound client.
