//! The first start: a link printed on the machine's console makes the organisation and its administrator.

pub(crate) mod http;

use store::StoreError;

use crate::App;
use people::{Operator, link};

/// The set-up link to print, while there is no organisation; each call makes a fresh one and ends the others.
pub async fn ensure_setup_link(app: &App) -> Result<Option<String>, StoreError> {
    if app.is_set_up().await? {
        return Ok(None);
    }
    let operator = Operator::not_from_a_request();
    let code = store::act!(app.ctx.store(), |tx| -> Result<String, StoreError> {
        link::setup(tx, operator).await
    })?;
    Ok(Some(format!("{}/setup?code={code}", app.ctx.origin())))
}

/// The same, asked for at the console later.
pub async fn renew_setup_link(app: &App) -> Result<Option<String>, StoreError> {
    ensure_setup_link(app).await
}
