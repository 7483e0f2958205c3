//! One's own devices. Testing one, and switching push families on, belong to the alarm application.

pub(crate) mod http;
