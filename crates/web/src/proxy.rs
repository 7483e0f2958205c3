//! Who really asks, behind proxies: the last hop of `X-Forwarded-For` that no proxy of ours wrote for itself.
//!
//! The header is worth nothing unless the peer is a proxy that the operator named, because anybody can send it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};

const FORWARDED: &str = "x-forwarded-for";

/// The address ranges of proxies whose word is taken; none unless set.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<Range>);

/// Addresses with a common beginning: `10.0.0.0/8`, `fd00::/8`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    first: IpAddr,
    bits: u32,
}

impl Proxies {
    /// Reads ranges; gives back the first that is none.
    pub fn parse(ranges: &[String]) -> Result<Self, &str> {
        ranges
            .iter()
            .map(|text| Range::parse(text.trim()).ok_or(text.as_str()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Puts the caller's own address in the place of the proxy's.
    pub(crate) fn look_behind(&self, request: &mut Request) {
        let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>() else {
            return;
        };
        let lines = request.headers().get_all(FORWARDED).iter();
        let lines = lines.map(|line| line.to_str().unwrap_or("?"));
        let caller = self.caller(peer.ip(), lines);
        if caller != peer.ip() {
            let caller = SocketAddr::new(caller, 0);
            request.extensions_mut().insert(ConnectInfo(caller));
        }
    }

    /// Goes back from the peer through the lines of the header, for as long as each hop is a proxy of ours. What is
    /// no address ends the way.
    pub fn caller<'a>(
        &self,
        peer: IpAddr,
        lines: impl DoubleEndedIterator<Item = &'a str>,
    ) -> IpAddr {
        let mut caller = peer.to_canonical();
        let mut hops = lines.rev().flat_map(|line| line.rsplit(','));
        while self.knows(caller) {
            match hops.next().and_then(hop) {
                Some(before) => caller = before,
                None => break,
            }
        }
        caller
    }

    fn knows(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.holds(address))
    }
}

/// One entry; some proxies write the port as well.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let alone = bare.unwrap_or(text).parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|it| it.ip());
    alone.or_else(with_port).map(|it| it.to_canonical())
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let (first, bits) = match text.split_once('/') {
            Some((first, bits)) => (first, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = first.parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { first, bits })
    }

    fn holds(self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => {
                (a.to_bits() ^ b.to_bits()).leading_zeros() >= self.bits
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proxies(ranges: &[&str]) -> Proxies {
        let ranges: Vec<String> = ranges.iter().map(|it| (*it).to_owned()).collect();
        Proxies::parse(&ranges).unwrap()
    }

    #[track_caller]
    fn check(peer: &str, lines: &[&str], caller: &str) {
        let ours = proxies(&["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);
        let found = ours.caller(peer.parse().unwrap(), lines.iter().copied());
        assert_eq!(found.to_string(), caller, "{peer} {lines:?}");
    }

    #[test]
    fn the_last_hop_that_is_not_ours_is_the_caller() {
        check("127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check("::ffff:127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check("127.0.0.1", &["198.51.100.1, 203.0.113.7"], "203.0.113.7");
        check("127.0.0.1", &["203.0.113.7, 10.1.2.3"], "203.0.113.7");
        check("127.0.0.1", &["203.0.113.7", "fd00::5"], "203.0.113.7");
        check("fd00::1", &["[2001:db8::7]:4711"], "2001:db8::7");
        check("10.9.9.9", &["203.0.113.7:80"], "203.0.113.7");
        // Somebody within: the farthest that is known.
        check("127.0.0.1", &["10.1.2.3"], "10.1.2.3");
    }

    #[test]
    fn nobody_else_is_believed() {
        check("192.0.2.1", &["203.0.113.7"], "192.0.2.1");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &["203.0.113.7, unknown"], "127.0.0.1");
        check(
            "127.0.0.1",
            &["203.0.113.7, nonsense, 10.1.1.1"],
            "10.1.1.1",
        );
        let none = Proxies::default();
        let peer = "127.0.0.1".parse().unwrap();
        assert_eq!(none.caller(peer, ["203.0.113.7"].into_iter()), peer);
    }

    #[test]
    fn what_is_no_range_is_named() {
        for wrong in ["10.0.0.0/33", "fd00::/129", "10/8", "proxy", "", "::1/x"] {
            let given = ["127.0.0.1".to_owned(), wrong.to_owned()];
            assert_eq!(Proxies::parse(&given).unwrap_err(), wrong);
        }
        assert!(proxies(&["0.0.0.0/0"]).knows("192.0.2.1".parse().unwrap()));
        assert!(!proxies(&["0.0.0.0/0"]).knows("::1".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn any_header_ends(line in "[ -~]{0,80}") {
            let ours = proxies(&["0.0.0.0/0", "::/0"]);
            let _ = ours.caller("127.0.0.1".parse().unwrap(), [line.as_str()].into_iter());
        }
    }
}
