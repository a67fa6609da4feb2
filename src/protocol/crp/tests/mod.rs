//! Properties and figures of the pool.
