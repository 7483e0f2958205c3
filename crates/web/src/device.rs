//! Requests that a device signs with its own key: no cookie, no session, a small body.
//!
//! Signed is `obhut-device-1`, method, path, time and the body's hash, so that a request can be neither moved
//! to another route nor changed. Within ten minutes it could be sent again; what devices do is harmless twice.

use axum::extract::{FromRef, FromRequest, OriginalUri, Request};
use base::{DeviceId, Kind, Problem, Timestamp};
use bytes::Bytes;
use http::HeaderMap;
use people::Actor;
use serde::de::DeserializeOwned;

use crate::extract::{parse_json, whole_body};
use crate::limit::{Caller, Class, address};
use crate::{Ctx, Failure, gate};

/// The most that a device may send.
const MOST: usize = 4096;
const TOLERANCE_MS: u64 = 10 * 60 * 1000;

/// A request that an enrolled device signed; anything else gets 401.
#[derive(Debug, Clone)]
pub struct SignedByDevice {
    /// Who acts: the device, in its owner's name.
    pub actor: Actor,
    /// The signed body.
    pub body: Bytes,
}

impl SignedByDevice {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse_json(&self.body)
    }
}

impl<S> FromRequest<S> for SignedByDevice
where
    S: Send + Sync,
    Ctx: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let ctx = Ctx::from_ref(state);
        let caller = Caller::Address(address(request.extensions()));
        ctx.limiter().take(Class::Device, caller)?;
        let claim = Claim::read(request.headers()).ok_or_else(wrong)?;
        claim.check_time(ctx.clock().now())?;
        let method = request.method().as_str().to_owned();
        let path = match request.extensions().get::<OriginalUri>() {
            Some(uri) => uri.0.path().to_owned(),
            None => request.uri().path().to_owned(),
        };
        let body = whole_body(request, state).await?;
        if body.len() > MOST {
            return Err(Failure::new(
                Kind::TooLarge,
                "too_large",
                "the body is too large",
            ));
        }
        let device = gate::device(ctx.people(), claim.device)
            .await?
            .ok_or_else(wrong)?;
        let message = claim.message(&method, &path, &body);
        seal::device_verify(&device.public_key, message.as_bytes(), &claim.signature)
            .map_err(|_| wrong())?;
        people::device::touch(ctx.store(), &device).await?;
        Ok(Self {
            actor: device.actor,
            body,
        })
    }
}

/// An unknown device and a wrong signature look the same.
fn wrong() -> Problem {
    let detail = "the request is not signed by a device that is enrolled here";
    Problem::new(Kind::Unauthenticated, "unknown_device", detail)
}

/// What the headers claim.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    device: DeviceId,
    time_ms: i64,
    time: String,
    signature: [u8; 64],
}

impl Claim {
    fn read(headers: &HeaderMap) -> Option<Self> {
        let header = |name| headers.get(name)?.to_str().ok();
        let time: &str = header("obhut-time")?;
        let digits = (1..=15).contains(&time.len()) && time.bytes().all(|b| b.is_ascii_digit());
        let time_ms = time.parse().ok().filter(|_| digits)?;
        let signature = header("obhut-signature").filter(|it| it.len() == 86)?;
        Some(Self {
            device: header("obhut-device")?.parse().ok()?,
            time_ms,
            time: time.to_owned(),
            signature: seal::b64url_decode(signature).ok()?.try_into().ok()?,
        })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Problem> {
        if self.time_ms.abs_diff(now.as_millisecond()) <= TOLERANCE_MS {
            return Ok(());
        }
        let detail = "the device's clock differs by more than ten minutes from the server's";
        Err(Problem::new(Kind::Unauthenticated, "clock_differs", detail))
    }

    fn message(&self, method: &str, path: &str, body: &[u8]) -> String {
        let hash = seal::b64url_encode(&seal::sha256(body));
        format!("obhut-device-1\n{method}\n{path}\n{}\n{hash}", self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn headers(device: &[u8], time: &[u8], signature: &[u8]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let given = [
            ("obhut-device", device),
            ("obhut-time", time),
            ("obhut-signature", signature),
        ];
        for (name, bytes) in given {
            if let Ok(value) = HeaderValue::from_bytes(bytes) {
                headers.insert(name, value);
            }
        }
        headers
    }

    #[test]
    fn reads_well_formed_headers_only() {
        let id = DeviceId::from_bytes([1; 16]).to_string();
        let signature = seal::b64url_encode(&[7; 64]);
        let read = |d: &str, t: &str, s: &str| {
            Claim::read(&headers(d.as_bytes(), t.as_bytes(), s.as_bytes()))
        };
        assert!(read(&id, "1700000000000", &signature).is_some());
        for time in ["", "-1", "+1", "1.5", "9999999999999999", " 1"] {
            assert_eq!(read(&id, time, &signature), None, "{time}");
        }
        assert_eq!(read("alm_1", "1", &signature), None);
        assert_eq!(read(&id, "1", &signature[1..]), None);
    }

    #[test]
    fn ten_minutes_either_way() {
        let claim = Claim {
            device: DeviceId::from_bytes([1; 16]),
            time_ms: 0,
            time: "0".into(),
            signature: [0; 64],
        };
        for (ms, fine) in [
            (600_000, true),
            (600_001, false),
            (-600_000, true),
            (-600_001, false),
        ] {
            let now = Timestamp::from_millisecond(ms).unwrap();
            assert_eq!(claim.check_time(now).is_ok(), fine, "{ms}");
        }
    }

    proptest! {
        #[test]
        fn any_headers_are_read_without_panic(d: Vec<u8>, t: Vec<u8>, s: Vec<u8>) {
            let _ = Claim::read(&headers(&d, &t, &s));
        }
    }
}
