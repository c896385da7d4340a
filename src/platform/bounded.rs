//! Runs heavy work off the async threads, with a limit on how much runs and how much waits.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinError;

use crate::platform::error::AppError;

/// A limited pool of workers for one kind of heavy work.
#[derive(Clone, Debug)]
pub struct Bounded {
    workers: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Bounded {
    /// Creates a pool that runs `at_once` pieces of work at the same time and lets `waiting` more
    /// wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self {
            workers: Arc::new(Semaphore::new(at_once)),
            queue: Arc::new(Semaphore::new(at_once + waiting)),
        }
    }

    /// Runs `work`. The inner error is its panic.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too much work is waiting already.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Result<T, JoinError>, AppError> {
        let _place = self.queue.try_acquire().map_err(|_| AppError::Busy)?;
        let worker = Arc::clone(&self.workers)
            .acquire_owned()
            .await
            .map_err(|error| AppError::Internal(Box::new(error)))?;
        let done = tokio::task::spawn_blocking(move || {
            // The work itself holds the permit: a client that goes away does not free the worker.
            let _worker = worker;
            work()
        });
        Ok(done.await)
    }
}
