//! Whole numbers for things that the compatible API names; made in the transaction that makes the thing.

use base::{Id, OrgId};

use crate::{StoreError, Tx, params};

crate::statements! {
    /// Gives the next number.
    NUMBER = "INSERT INTO wire_number (org_id, kind, id) VALUES ($1, $2, $3) RETURNING number";
    /// The number of a thing.
    BY_ID = "SELECT number FROM wire_number WHERE org_id = $1 AND id = $2";
    /// The thing behind a number.
    BY_NUMBER = "SELECT id FROM wire_number WHERE org_id = $1 AND kind = $2 AND number = $3";
    /// Forgets the number of a thing that is gone.
    FORGET = "DELETE FROM wire_number WHERE org_id = $1 AND id = $2";
}

/// Which kind of thing a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireKind {
    /// An organisation or unit ("cluster").
    Org,
    /// A unit.
    Unit,
    /// A membership ("user cluster relation").
    Membership,
    /// An alarm.
    Alarm,
    /// A group.
    Group,
    /// A vehicle.
    Vehicle,
    /// An answer ("status").
    Answer,
}

impl WireKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Org => "org",
            Self::Unit => "unit",
            Self::Membership => "membership",
            Self::Alarm => "alarm",
            Self::Group => "group",
            Self::Vehicle => "vehicle",
            Self::Answer => "answer",
        }
    }
}

impl Tx {
    /// Gives a new thing its number, below 2^53.
    pub async fn number(
        &mut self,
        org: OrgId,
        kind: WireKind,
        id: impl Id,
    ) -> Result<i64, StoreError> {
        self.one(&NUMBER, params![org, kind.word(), id.to_string()])
            .await?
            .cols()
            .int()
    }

    /// The number of a thing, if it has one.
    pub async fn number_of(&mut self, org: OrgId, id: impl Id) -> Result<Option<i64>, StoreError> {
        let row = self.opt(&BY_ID, params![org, id.to_string()]).await?;
        row.map(|row| row.cols().int()).transpose()
    }

    /// The thing of this kind behind a number.
    pub async fn numbered<T: Id>(
        &mut self,
        org: OrgId,
        kind: WireKind,
        number: i64,
    ) -> Result<Option<T>, StoreError> {
        let row = self
            .opt(&BY_NUMBER, params![org, kind.word(), number])
            .await?;
        row.map(|row| row.cols().id()).transpose()
    }

    /// Forgets the number of a thing that is deleted.
    pub async fn forget_number(&mut self, org: OrgId, id: impl Id) -> Result<(), StoreError> {
        self.exec(&FORGET, params![org, id.to_string()])
            .await
            .map(drop)
    }
}
