//! The log's tables: leaves, tiles, heads.

use ::store::{StoreError, Tx, params};

use crate::leaf::Leaf;

::store::statements! {
    /// A new leaf, without a number.
    INSERT = "INSERT INTO ledger_leaf (log, id, body, sealed, key_id) VALUES ($1, $2, $3, $4, $5)";
}

/// Puts a leaf in, with its sealed details beside it.
pub(crate) async fn insert(
    tx: &mut Tx,
    leaf: &Leaf,
    sealed: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let key = leaf.details.map(|details| details.key);
    let row = params![leaf.log.to_string(), leaf.id, leaf.encode(), sealed, key];
    tx.exec(&INSERT, row).await.map(drop)
}
