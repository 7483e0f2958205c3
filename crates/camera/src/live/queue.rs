//! From the cameras' tasks to the channel: messages in order, and how many bytes of each camera wait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;

/// A message on its way; its bytes count as waiting until it is dropped.
#[derive(Debug)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    size: usize,
    waiting: Arc<AtomicUsize>,
}

impl Message {
    /// The bytes; they go on counting until the message itself is dropped.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.size, Ordering::Relaxed);
    }
}

/// Where the channel takes messages from; while there is none, they are dropped.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queue(Arc<Mutex<Option<mpsc::UnboundedSender<Message>>>>);

impl Queue {
    /// A new connection: what an older one had not sent is gone.
    pub(crate) fn open(&self) -> mpsc::UnboundedReceiver<Message> {
        // Bounded by each camera's gate, which counts bytes.
        let (to, from) = mpsc::unbounded_channel();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(to);
        from
    }

    /// The connection is gone.
    pub(crate) fn shut(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// One camera's way into the queue.
    pub(crate) fn outlet(&self) -> Outlet {
        Outlet {
            queue: self.clone(),
            waiting: Arc::default(),
        }
    }
}

/// One camera's way into the queue.
#[derive(Debug)]
pub(crate) struct Outlet {
    queue: Queue,
    waiting: Arc<AtomicUsize>,
}

impl Outlet {
    /// Bytes of this camera that wait.
    pub(crate) fn queued(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Appends a message.
    pub(crate) fn put(&self, bytes: Vec<u8>) {
        let queue = self.queue.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(to) = queue.as_ref() else {
            return;
        };
        let size = bytes.len();
        self.waiting.fetch_add(size, Ordering::Relaxed);
        // Nobody receives any more: the message is dropped and counts no longer.
        let _ = to.send(Message {
            bytes,
            size,
            waiting: Arc::clone(&self.waiting),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_wait_until_they_are_sent() {
        let queue = Queue::default();
        let outlet = queue.outlet();
        outlet.put(vec![0; 5]);
        assert_eq!(outlet.queued(), 0);
        let mut from = queue.open();
        outlet.put(vec![0; 5]);
        outlet.put(vec![0; 7]);
        assert_eq!(outlet.queued(), 12);
        let mut message = from.try_recv().unwrap();
        assert_eq!(message.take().len(), 5);
        assert_eq!(outlet.queued(), 12);
        drop(message);
        assert_eq!(outlet.queued(), 7);
        drop(from);
        outlet.put(vec![0; 9]);
        assert_eq!(outlet.queued(), 0);
    }
}
