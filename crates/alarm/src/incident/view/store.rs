//! Puts the view of an alarm together out of its tables.

use ::store::{Sql, StoreError, Tx, params};
use base::{AlarmId, GroupId, Lang, MembershipId, OrgId, UnitId, VehicleId};

use super::{
    AlarmView, AnswerView, CountsView, MyView, Named, ResponderView, SourceView, StrengthView,
    VehicleView,
};
use crate::incident::model::{Alarm, AnswerOption, Meaning, Source, State};
use crate::incident::store as table;

::store::statements! {
    /// Groups of an alarm.
    GROUPS = "SELECT g.id, g.name FROM alarm_group a \
              JOIN unit_group g ON g.org_id = a.org_id AND g.id = a.group_id \
              WHERE a.org_id = $1 AND a.alarm_id = $2 ORDER BY g.id";
    /// Vehicles of an alarm.
    VEHICLES = "SELECT v.id, v.name, v.call_sign, v.ric FROM alarm_vehicle a \
                JOIN vehicle v ON v.org_id = a.org_id AND v.id = a.vehicle_id \
                WHERE a.org_id = $1 AND a.alarm_id = $2 ORDER BY v.id";
    /// The answers of a unit.
    ANSWERS = "SELECT id, meaning, label, minutes FROM answer_option \
               WHERE org_id = $1 AND unit_id = $2 AND position < 1000 ORDER BY position, id";
    /// Who answered what.
    PEOPLE = "SELECT m.id, m.given_name, m.family_name, w.answer_id, o.meaning, o.label, o.minutes, \
              w.answered_us FROM alarm_answer w \
              JOIN membership m ON m.org_id = w.org_id AND m.id = w.membership_id \
              JOIN answer_option o ON o.org_id = w.org_id AND o.id = w.answer_id \
              WHERE w.org_id = $1 AND w.alarm_id = $2 ORDER BY w.answered_us, m.id LIMIT 2000";
    /// Qualifications of those who answered.
    SKILLS = "SELECT w.membership_id, q.id, q.short FROM alarm_answer w \
              JOIN membership_qualification mq ON mq.org_id = w.org_id AND mq.membership_id = w.membership_id \
              JOIN qualification q ON q.org_id = mq.org_id AND q.id = mq.qualification_id \
              WHERE w.org_id = $1 AND w.alarm_id = $2 ORDER BY q.short";
    /// What a unit needs.
    NEEDS = "SELECT q.id, q.short, q.name, n.needed FROM unit_need n \
             JOIN qualification q ON q.org_id = n.org_id AND q.id = n.qualification_id \
             WHERE n.org_id = $1 AND n.unit_id = $2 ORDER BY q.short";
    /// How many were alarmed.
    ADDRESSED = "SELECT count(*) FROM alarm_recipient WHERE org_id = $1 AND alarm_id = $2";
    /// At how many people it arrived.
    REACHED = "SELECT count(DISTINCT membership_id) FROM alarm_delivery WHERE org_id = $1 \
               AND alarm_id = $2 AND (received_us IS NOT NULL OR shown_us IS NOT NULL \
               OR opened_us IS NOT NULL OR answered_us IS NOT NULL)";
    /// Whether somebody was alarmed, and what they answered.
    MINE = "SELECT w.answer_id, w.answered_us FROM alarm_recipient r LEFT JOIN alarm_answer w \
            ON w.org_id = r.org_id AND w.alarm_id = r.alarm_id AND w.membership_id = r.membership_id \
            WHERE r.org_id = $1 AND r.alarm_id = $2 AND r.membership_id = $3";
    /// The name of the member who raised an alarm.
    MEMBER_NAME = "SELECT given_name, family_name FROM membership WHERE org_id = $1 AND id = $2";
    /// The name of the key that raised an alarm.
    KEY_NAME = "SELECT name FROM machine_key WHERE org_id = $1 AND id = $2";
}

/// The answers a unit offers.
pub(crate) async fn answers_of(
    tx: &mut Tx,
    org: OrgId,
    unit: UnitId,
) -> Result<Vec<AnswerOption>, StoreError> {
    let rows = tx.all(&ANSWERS, params![org, unit]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(AnswerOption {
                id: c.id()?,
                meaning: c.word(Meaning::parse)?,
                label: c.text()?,
                minutes: c.opt_int()?,
            })
        })
        .collect()
}

/// What concerns one member.
pub(crate) async fn mine(
    tx: &mut Tx,
    org: OrgId,
    alarm: AlarmId,
    member: MembershipId,
) -> Result<MyView, StoreError> {
    let Some(row) = tx.opt(&MINE, params![org, alarm, member]).await? else {
        return Ok(MyView::default());
    };
    let mut c = row.cols();
    Ok(MyView {
        addressed: true,
        answer_id: c.opt_text()?,
        answered_at: c.opt_time()?.map(|at| at.to_string()),
    })
}

/// The whole view of an alarm, without what concerns whoever asks.
pub(crate) async fn view(
    tx: &mut Tx,
    org: OrgId,
    id: AlarmId,
) -> Result<Option<AlarmView>, StoreError> {
    let Some(alarm) = table::by_id(tx, org, id).await? else {
        return Ok(None);
    };
    let source = source(tx, org, &alarm.source).await?;
    let groups = named::<GroupId>(tx, &GROUPS, org, id).await?;
    let vehicles = vehicles(tx, org, id).await?;
    let answers = answers_of(tx, org, alarm.unit).await?;
    let (people, strength) = people(tx, org, &alarm).await?;
    let addressed = tx.one(&ADDRESSED, params![org, id]).await?.cols().int()?;
    let reached = tx.one(&REACHED, params![org, id]).await?.cols().int()?;
    let count = |meaning: Meaning| {
        let of = people
            .iter()
            .filter(|p| p.meaning == meaning.word())
            .count();
        i64::try_from(of).unwrap_or(i64::MAX)
    };
    let answered = i64::try_from(people.len()).unwrap_or(i64::MAX);
    let counts = CountsView {
        addressed,
        reached,
        coming: count(Meaning::Coming),
        later: count(Meaning::Later),
        not_coming: count(Meaning::NotComing),
        unanswered: (addressed - answered).max(0),
    };
    let (closes_at, closed_at) = match alarm.state {
        State::Open { closes } => (Some(closes.to_string()), None),
        State::Closed { at } => (None, Some(at.to_string())),
    };
    Ok(Some(AlarmView {
        id,
        version: alarm.version,
        number: alarm.wire_number,
        foreign_number: alarm.content.number.clone(),
        unit: Named {
            id: alarm.unit.to_string(),
            name: alarm.unit_name.clone(),
        },
        title: alarm.content.title.clone(),
        text: full_text(&alarm),
        address: alarm.content.address.clone(),
        lat: alarm.content.place.map(|p| p.0),
        lng: alarm.content.place.map(|p| p.1),
        priority: alarm.content.priority,
        state: if closed_at.is_some() {
            "closed"
        } else {
            "open"
        }
        .to_owned(),
        created_at: alarm.created.to_string(),
        closes_at,
        closed_at,
        delete_at: alarm.due.to_string(),
        source,
        groups,
        vehicles,
        answers: answers.iter().map(AnswerView::from).collect(),
        my: MyView::default(),
        people,
        counts,
        strength,
    }))
}

/// The parts of a call that have no place of their own on the page, named in the organisation's language.
pub(crate) fn full_text(alarm: &Alarm) -> String {
    let c = &alarm.content;
    let labels = match alarm.lang {
        Lang::De => [
            "Objekt",
            "Melder",
            "Patient",
            "Bemerkung",
            "Einsatzmittel",
            "Ziel",
            "Zieladresse",
        ],
        Lang::En => [
            "Object",
            "Caller",
            "Patient",
            "Remark",
            "Units",
            "Destination",
            "Destination address",
        ],
    };
    let values = [
        &c.scene_object,
        &c.caller,
        &c.patient,
        &c.remark,
        &c.units,
        &c.destination,
        &c.destination_address,
    ];
    let named = labels
        .iter()
        .zip(values)
        .filter(|(_, text)| !text.is_empty())
        .map(|(label, text)| format!("{label}: {text}"));
    let parts: Vec<String> = Some(&c.text)
        .filter(|text| !text.is_empty())
        .cloned()
        .into_iter()
        .chain(named)
        .chain(
            Some(&c.additional_text)
                .filter(|text| !text.is_empty())
                .cloned(),
        )
        .collect();
    parts.join("\n")
}

async fn source(tx: &mut Tx, org: OrgId, source: &Source) -> Result<SourceView, StoreError> {
    let name = match source {
        Source::Machine(id) => {
            let row = tx.opt(&KEY_NAME, params![org, id]).await?;
            row.map(|row| row.cols().text()).transpose()?
        }
        Source::Person(id) => match tx.opt(&MEMBER_NAME, params![org, id]).await? {
            Some(row) => {
                let mut c = row.cols();
                Some(format!("{} {}", c.text()?, c.text()?))
            }
            None => None,
        },
    };
    Ok(SourceView {
        kind: source.word().to_owned(),
        name: name.unwrap_or_default(),
    })
}

async fn named<T: base::Id>(
    tx: &mut Tx,
    sql: &Sql,
    org: OrgId,
    alarm: AlarmId,
) -> Result<Vec<Named>, StoreError> {
    let rows = tx.all(sql, params![org, alarm]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(Named {
                id: c.id::<T>()?.to_string(),
                name: c.text()?,
            })
        })
        .collect()
}

async fn vehicles(tx: &mut Tx, org: OrgId, alarm: AlarmId) -> Result<Vec<VehicleView>, StoreError> {
    let rows = tx.all(&VEHICLES, params![org, alarm]).await?;
    rows.iter()
        .map(|row| {
            let mut c = row.cols();
            Ok(VehicleView {
                id: c.id::<VehicleId>()?.to_string(),
                name: c.text()?,
                call_sign: c.text()?,
                ric: c.opt_text()?,
                number: None,
            })
        })
        .collect()
}

async fn people(
    tx: &mut Tx,
    org: OrgId,
    alarm: &Alarm,
) -> Result<(Vec<ResponderView>, Vec<StrengthView>), StoreError> {
    let mut people = Vec::new();
    for row in tx.all(&PEOPLE, params![org, alarm.id]).await? {
        let mut c = row.cols();
        people.push(ResponderView {
            membership_id: c.id()?,
            name: format!("{} {}", c.text()?, c.text()?),
            answer_id: c.text()?,
            meaning: c.text()?,
            label: c.text()?,
            minutes: c.opt_int()?,
            answered_at: c.time()?.to_string(),
            qualifications: Vec::new(),
        });
    }
    let mut coming_with: std::collections::BTreeMap<String, i64> =
        std::collections::BTreeMap::new();
    for row in tx.all(&SKILLS, params![org, alarm.id]).await? {
        let mut c = row.cols();
        let (member, skill, short) = (c.id::<MembershipId>()?, c.text()?, c.text()?);
        if let Some(person) = people.iter_mut().find(|p| p.membership_id == member) {
            person.qualifications.push(short);
            if Meaning::parse(&person.meaning).is_some_and(Meaning::counts) {
                *coming_with.entry(skill).or_default() += 1;
            }
        }
    }
    let rows = tx.all(&NEEDS, params![org, alarm.unit]).await?;
    let strength: Result<Vec<_>, StoreError> = rows
        .iter()
        .map(|row| {
            let mut c = row.cols();
            let id = c.text()?;
            Ok(StrengthView {
                short: c.text()?,
                name: c.text()?,
                needed: c.int()?,
                coming: coming_with.get(&id).copied().unwrap_or(0),
            })
        })
        .collect();
    Ok((people, strength?))
}
