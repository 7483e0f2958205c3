//! Which addresses lie outside: only those may be reached without the operator's word.
//!
//! Follows the registries of special addresses (RFC 6890 and its successors): whatever is not plainly a public
//! unicast address is inside, also when it hides inside another address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Whether the address is public unicast, as far as its number tells.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// Whether the address belongs to this machine: only then can a socket be bound to it.
pub fn is_own(address: IpAddr) -> bool {
    UdpSocket::bind(SocketAddr::new(address, 0)).is_ok()
}

/// Networks that are not the public internet: first address and length of the prefix.
const INSIDE_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast and everything reserved behind it.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

fn is_public_v4(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    INSIDE_V4
        .iter()
        .all(|(net, length)| (bits ^ net.to_bits()) >> (32 - length) != 0)
}

/// Parts of the global unicast space (2000::/3) that are not what they seem.
const INSIDE_V6: &[(Ipv6Addr, u32)] = &[
    // Protocol assignments, Teredo, benchmarking, ORCHID and their neighbours.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4: carries an IPv4 address.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    // Documentation.
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Only 2000::/3 is handed out to anybody; loopback, mapped IPv4, NAT64, unique local, link-local, site-local
/// and multicast all lie elsewhere.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let bits = address.to_bits();
    // Addresses made by ISATAP carry an IPv4 address behind 0:5efe or 200:5efe.
    let isatap = (bits >> 32) & 0xfdff_ffff == 0x5efe;
    bits >> 125 == 1
        && !isatap
        && INSIDE_V6
            .iter()
            .all(|(net, length)| (bits ^ net.to_bits()) >> (128 - length) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, public: bool) {
        assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
    }

    #[test]
    fn what_is_outside() {
        for text in [
            "1.1.1.1",
            "9.9.9.9",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2a00:1450:4001:80b::200e",
            "2606:4700:4700::1111",
            "2001:4860:4860::8888",
            "2003::1",
            "2001:200::1",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn what_is_inside() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.0.170",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:8.8.8.8",
            "::ffff:127.0.0.1",
            "::ffff:0:8.8.8.8",
            "::8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136::1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
            "4000::1",
            "2a00:1450::5efe:a00:1",
            "2a00:1450::200:5efe:a00:1",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn own_addresses_can_be_bound() {
        assert!(is_own(Ipv4Addr::LOCALHOST.into()));
        assert!(!is_own(Ipv4Addr::new(9, 9, 9, 9).into()));
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library_on_what_it_knows(bits: u32) {
            let v4 = Ipv4Addr::from_bits(bits);
            let inside = v4.is_private() || v4.is_loopback() || v4.is_link_local()
                || v4.is_multicast() || v4.is_broadcast() || v4.is_unspecified()
                || v4.is_documentation();
            prop_assert!(!(inside && is_public(v4.into())));
            prop_assert!(!is_public(v4.to_ipv6_mapped().into()));
            prop_assert!(!is_public(v4.to_ipv6_compatible().into()));
        }

        #[test]
        fn nothing_local_passes(bits: u128) {
            let v6 = Ipv6Addr::from_bits(bits);
            let inside = v6.is_loopback() || v6.is_multicast() || v6.is_unspecified()
                || v6.is_unique_local() || v6.is_unicast_link_local();
            prop_assert!(!(inside && is_public(v6.into())));
        }
    }
}
