//! Devices, their key and where their pushes go. No I/O.

use base::{DeviceId, HasKind, Kind, ShortText, Text, Timestamp};

/// Why something a device sent was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// Not an uncompressed P-256 point.
    #[error("is not an uncompressed P-256 point in base64url")]
    Key,
    /// Not an address of a push service that Obhut knows.
    #[error("is not an https address of a known push service")]
    Endpoint,
    /// Keys of a subscription that can't be.
    #[error("is not the key of a push subscription")]
    Subscription,
}

impl HasKind for DeviceError {
    fn kind(&self) -> Kind {
        Kind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Key => "not_a_public_key",
            Self::Endpoint => "unknown_push_service",
            Self::Subscription => "not_a_subscription",
        }
    }
}

/// The public key a device signs with: an uncompressed P-256 point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Reads base64url as the browser exports it.
    pub fn parse(text: &str) -> Result<Self, DeviceError> {
        point(text).map(Self).ok_or(DeviceError::Key)
    }

    /// The point.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

fn point(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    if text.len() > 100 {
        return None;
    }
    let bytes = seal::b64url_decode(text).ok()?;
    seal::is_p256_point(&bytes).then_some(bytes)
}

/// A browser vendor's push service, or the one that stands in for them in demo and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PushFamily {
    /// Firebase Cloud Messaging: Chrome, most Android browsers.
    Google,
    /// Autopush: Firefox.
    Mozilla,
    /// APNs web push: Safari.
    Apple,
    /// WNS: Edge.
    Microsoft,
    /// On this machine.
    Local,
}

impl PushFamily {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Google,
        Self::Mozilla,
        Self::Apple,
        Self::Microsoft,
        Self::Local,
    ];

    /// The word on the wire and in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Mozilla => "mozilla",
            Self::Apple => "apple",
            Self::Microsoft => "microsoft",
            Self::Local => "local",
        }
    }

    /// The family with this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|family| family.word() == word)
    }

    /// The family of an address. `local` is the origin of the push service on this machine, if there is one;
    /// it alone may be plain http.
    pub fn of(endpoint: &str, local: Option<&str>) -> Option<Self> {
        let below = |origin: &str| {
            let rest = endpoint.strip_prefix(origin)?;
            rest.starts_with('/').then_some(())
        };
        if local.and_then(below).is_some() {
            return Some(Self::Local);
        }
        let rest = endpoint.strip_prefix("https://")?;
        let host = rest.split(['/', '?', '#']).next()?;
        if host.contains(['@', '\\', '%']) {
            return None;
        }
        let host = host
            .strip_suffix(":443")
            .unwrap_or(host)
            .to_ascii_lowercase();
        let under = |domain: &str| {
            host.strip_suffix(domain)
                .is_some_and(|head| !head.is_empty() && head.ends_with('.'))
        };
        if host == "fcm.googleapis.com" || host == "android.googleapis.com" {
            Some(Self::Google)
        } else if under("push.services.mozilla.com") {
            Some(Self::Mozilla)
        } else if under("push.apple.com") {
            Some(Self::Apple)
        } else if under("notify.windows.com") {
            Some(Self::Microsoft)
        } else {
            None
        }
    }
}

/// Where and how a browser takes pushes.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    family: PushFamily,
}

impl Subscription {
    /// Reads what a browser's subscription gives. See [`PushFamily::of`] for `local`.
    pub fn parse(
        endpoint: &str,
        p256dh: &str,
        auth: &str,
        local: Option<&str>,
    ) -> Result<Self, DeviceError> {
        let plain = endpoint.len() <= 1000 && endpoint.bytes().all(|b| b.is_ascii_graphic());
        let family = PushFamily::of(endpoint, local).filter(|_| plain);
        let auth = seal::b64url_decode(auth.trim_end_matches('='))
            .ok()
            .filter(|auth| auth.len() == 16);
        Ok(Self {
            endpoint: endpoint.to_owned(),
            family: family.ok_or(DeviceError::Endpoint)?,
            p256dh: point(p256dh).ok_or(DeviceError::Subscription)?,
            auth: auth.ok_or(DeviceError::Subscription)?,
        })
    }

    /// The push service's address for this browser.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The browser's key for encrypting.
    pub fn p256dh(&self) -> &[u8] {
        &self.p256dh
    }

    /// The browser's secret for encrypting.
    pub fn auth(&self) -> &[u8] {
        &self.auth
    }

    /// Whose push service it is.
    pub fn family(&self) -> PushFamily {
        self.family
    }
}

/// An endpoint is as good as an address of a person.
impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subscription({})", self.family.word())
    }
}

/// A device to enrol.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// What its owner calls it.
    pub name: ShortText,
    /// Browser and system, coarsely.
    pub platform: Text<0, 80>,
    /// What it signs with.
    pub public_key: PublicKey,
    /// Where its pushes go.
    pub push: Option<Subscription>,
}

/// A line of the list of one's own devices.
#[derive(Debug, Clone)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// What its owner calls it.
    pub name: String,
    /// Browser and system.
    pub platform: String,
    /// When it was enrolled.
    pub enrolled: Timestamp,
    /// When it last reported something, to the minute.
    pub last_seen: Option<Timestamp>,
    /// Whose push service reaches it.
    pub push: Option<PushFamily>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn knows_the_push_services_and_nobody_else() {
        let local = Some("http://127.0.0.1:8081");
        let cases = [
            (
                "https://fcm.googleapis.com/fcm/send/abc",
                Some(PushFamily::Google),
            ),
            (
                "https://updates.push.services.mozilla.com/wpush/v2/x",
                Some(PushFamily::Mozilla),
            ),
            ("https://web.push.apple.com/QOx", Some(PushFamily::Apple)),
            (
                "https://wns2-par02p.notify.windows.com/w/?token=x",
                Some(PushFamily::Microsoft),
            ),
            ("http://127.0.0.1:8081/push/1", Some(PushFamily::Local)),
            ("http://127.0.0.1:80811/push/1", None),
            ("http://fcm.googleapis.com/fcm/send/abc", None),
            ("https://fcm.googleapis.com.evil.example/x", None),
            ("https://evil.example/fcm.googleapis.com", None),
            ("https://fcm.googleapis.com@evil.example/", None),
            ("https://notify.windows.com/x", None),
            ("https://xnotify.windows.com/x", None),
            ("https://fcm.googleapis.com:8443/x", None),
        ];
        for (endpoint, want) in cases {
            assert_eq!(PushFamily::of(endpoint, local), want, "{endpoint}");
        }
        assert_eq!(PushFamily::of("http://127.0.0.1:8081/push/1", None), None);
    }

    proptest! {
        #[test]
        fn any_subscription_is_read_without_panic(a: String, b: String, c: String) {
            prop_assert!(Subscription::parse(&a, &b, &c, None).is_err());
        }

        #[test]
        fn an_accepted_host_is_a_known_one(host in "[a-z.@:/]{0,30}") {
            let endpoint = format!("https://{host}/x");
            prop_assert_eq!(PushFamily::of(&endpoint, None), None);
        }
    }
}
