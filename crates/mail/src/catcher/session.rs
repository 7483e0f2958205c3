//! One SMTP conversation (RFC 5321). Commands are parsed by a published parser; sizes are bounded here.

use std::borrow::Cow;
use std::io;

use smtp_proto::request::receiver::DataReceiver;
use smtp_proto::{Error, Request};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use super::Catcher;

/// The longest line of a command (RFC 5321 asks for 512, extensions for a little more).
const LINE: u64 = 2048;
/// The most one mail may hold.
const MAIL: usize = 1024 * 1024;
/// The most recipients of one mail.
const RECIPIENTS: usize = 100;
/// Whoever talks nonsense this often is sent away.
const ERRORS: usize = 20;

#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

/// What to do after a command.
enum Next {
    Answer(Cow<'static, str>),
    Data,
    Quit,
}

pub(super) async fn run(catcher: &Catcher, stream: TcpStream) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    write.write_all(b"220 catcher.localhost ESMTP\r\n").await?;
    let mut envelope = Envelope::default();
    let mut errors = 0;
    loop {
        let mut line = Vec::new();
        (&mut read).take(LINE).read_until(b'\n', &mut line).await?;
        if line.is_empty() {
            return Ok(());
        }
        if line.last() != Some(&b'\n') {
            write.write_all(b"500 5.5.2 too long a line\r\n").await?;
            return Ok(());
        }
        match command(&line, &mut envelope, catcher.refusing()) {
            Next::Answer(answer) => {
                write.write_all(answer.as_bytes()).await?;
                write.write_all(b"\r\n").await?;
                if answer.starts_with("50") {
                    errors += 1;
                    if errors >= ERRORS {
                        return Ok(());
                    }
                }
            }
            Next::Quit => {
                write.write_all(b"221 2.0.0 good bye\r\n").await?;
                return Ok(());
            }
            Next::Data => {
                write.write_all(b"354 go on\r\n").await?;
                let Some(raw) = data(&mut read).await? else {
                    write.write_all(b"552 5.3.4 too much\r\n").await?;
                    return Ok(());
                };
                let Envelope { from, to } = std::mem::take(&mut envelope);
                catcher.keep(from.unwrap_or_default(), to, raw);
                write.write_all(b"250 2.0.0 caught\r\n").await?;
            }
        }
    }
}

/// Looks at one line. Total: whatever it holds there is an answer.
fn command(line: &[u8], envelope: &mut Envelope, refusing: Option<&'static str>) -> Next {
    let fine = || Next::Answer("250 2.0.0 fine".into());
    let order = || Next::Answer("503 5.5.1 not now".into());
    match Request::parse(&mut line.iter()) {
        Ok(Request::Ehlo { .. } | Request::Lhlo { .. }) => {
            *envelope = Envelope::default();
            Next::Answer(
                "250-catcher.localhost\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 1048576".into(),
            )
        }
        Ok(Request::Helo { .. }) => {
            *envelope = Envelope::default();
            Next::Answer("250 catcher.localhost".into())
        }
        Ok(Request::Mail { from }) => {
            envelope.to.clear();
            envelope.from = Some(from.address.into_owned());
            fine()
        }
        Ok(Request::Rcpt { .. }) if envelope.from.is_none() => order(),
        Ok(Request::Rcpt { .. }) if refusing.is_some() => {
            Next::Answer(refusing.unwrap_or_default().into())
        }
        Ok(Request::Rcpt { .. }) if envelope.to.len() >= RECIPIENTS => {
            Next::Answer("452 4.5.3 too many recipients".into())
        }
        Ok(Request::Rcpt { to }) => {
            envelope.to.push(to.address.into_owned());
            fine()
        }
        Ok(Request::Data) if envelope.to.is_empty() => order(),
        Ok(Request::Data) => Next::Data,
        Ok(Request::Rset) => {
            *envelope = Envelope::default();
            fine()
        }
        Ok(Request::Noop { .. }) => fine(),
        Ok(Request::Vrfy { .. }) => Next::Answer("252 2.1.5 perhaps".into()),
        Ok(Request::Quit) => Next::Quit,
        Ok(_) | Err(Error::UnknownCommand) => Next::Answer("502 5.5.1 not known here".into()),
        Err(Error::InvalidSenderAddress) => Next::Answer("501 5.1.7 not an address".into()),
        Err(Error::InvalidRecipientAddress) => Next::Answer("501 5.1.3 not an address".into()),
        Err(_) => Next::Answer("501 5.5.4 not understood".into()),
    }
}

/// Reads a mail up to the line with the single dot; `None` when it is too large.
async fn data(read: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> io::Result<Option<Vec<u8>>> {
    let mut receiver = DataReceiver::new();
    let mut raw = Vec::new();
    loop {
        let available = read.fill_buf().await?;
        if available.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = available.iter();
        let ended = receiver.ingest(&mut bytes, &mut raw);
        let used = available.len() - bytes.as_slice().len();
        read.consume(used);
        if ended {
            return Ok(Some(raw));
        }
        if raw.len() > MAIL {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_line_has_an_answer(lines: Vec<Vec<u8>>) {
            let mut envelope = Envelope::default();
            for line in lines {
                if let Next::Answer(answer) = command(&line, &mut envelope, None) {
                    prop_assert!(answer.len() > 4);
                }
                prop_assert!(envelope.to.len() <= RECIPIENTS);
            }
        }

        #[test]
        fn any_command_has_an_answer(
            line in "(EHLO|MAIL FROM:|RCPT TO:|DATA|RSET|AUTH|BDAT|NOOP|XCLIENT)[ -~]{0,80}\r?\n",
        ) {
            let mut envelope = Envelope { from: Some(String::new()), to: Vec::new() };
            let _ = command(line.as_bytes(), &mut envelope, None);
        }
    }
}
