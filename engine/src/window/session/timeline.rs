//! Which rows of a key are one session: times only, no values.

use super::super::cells::{Share, Source};
use super::super::chains::{Chains, Link, NONE};
use super::super::dues::Dues;
use crate::aggregate::AggregateError;
use crate::spec::{Span, Timestamp};

/// How long a pause may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionGap {
    /// The same for all rows.
    Fixed(Span),
    /// Every row reaches as far as it says itself.
    PerRow,
}

/// A run of a batch's rows of one key.
#[derive(Debug, Clone, Copy)]
pub(in crate::window) struct Piece {
    pub(in crate::window) key: u32,
    pub(in crate::window) first: i64,
    pub(in crate::window) last: i64,
    pub(in crate::window) end: i64,
}

/// A session, and where its atoms are in [`Sessions::atoms`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::window) struct Session {
    pub(in crate::window) key: u32,
    pub(in crate::window) start: i64,
    pub(in crate::window) end: i64,
    from: usize,
    to: usize,
}

/// Sessions by their end, then start, then key.
#[derive(Debug, Default)]
pub(in crate::window) struct Sessions {
    pub(in crate::window) list: Vec<Session>,
    atoms: Vec<u32>,
}

/// The atoms of all keys.
#[derive(Debug)]
pub(in crate::window) struct Timeline {
    chains: Chains,
    dues: Dues,
    gap: SessionGap,
    /// The smallest gap there was: how far apart two atoms are at least.
    finest: i64,
    stamp: u32,
    /// The keys of the batch, each with the time of its first row.
    touched: Vec<(u32, i64)>,
}

/// The atom that is being put together.
struct Open {
    link: Link,
    place: u32,
    shares_from: usize,
    is_changed: bool,
}

impl Sessions {
    /// The atoms of a session, in order of time.
    pub(in crate::window) fn atoms_of(&self, session: &Session) -> &[u32] {
        self.atoms.get(session.from..session.to).unwrap_or_default()
    }

    /// All atoms of all sessions.
    pub(in crate::window) fn atoms(&self) -> &[u32] {
        &self.atoms
    }

    fn sort(&mut self) {
        self.list.sort_unstable_by_key(|session| (session.end, session.start, session.key));
    }
}

impl Timeline {
    /// Nothing yet.
    pub(in crate::window) fn new(gap: SessionGap) -> Self {
        let finest = match gap {
            SessionGap::Fixed(gap) => gap.0,
            SessionGap::PerRow => 0,
        };
        Self { chains: Chains::default(), dues: Dues::default(), gap, finest, stamp: 0, touched: Vec::new() }
    }

    /// Cuts rows, sorted by key and time, into pieces. Each row is its key, its time, and how far it reaches.
    pub(in crate::window) fn cut(&self, rows: impl Iterator<Item = (u32, i64, i64)>) -> (Vec<Piece>, Vec<u32>) {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut piece_of = Vec::with_capacity(rows.size_hint().0);
        let mut number = 0u32;
        for (key, time, end) in rows {
            match pieces.last_mut() {
                Some(piece) if piece.key == key && time <= self.reach(piece.last, piece.end) => {
                    piece.last = time;
                    piece.end = piece.end.max(end);
                }
                before => {
                    number += u32::from(before.is_some());
                    pieces.push(Piece { key, first: time, last: time, end });
                }
            }
            piece_of.push(number);
        }
        (pieces, piece_of)
    }

    /// When a key is to be looked at next, because a session of it may be over.
    pub(in crate::window) fn next_due(&self) -> Option<i64> {
        self.dues.next()
    }

    /// Takes the pieces of a batch in. Gives what each atom that changed is made of. The places of atoms that went
    /// stay as they are until the next batch.
    pub(in crate::window) fn absorb(&mut self, keys: usize, pieces: &[Piece]) -> Result<Vec<Share>, AggregateError> {
        self.chains.cover(keys);
        self.dues.cover(keys);
        self.chains.recycle();
        self.chains.make_room(pieces.len())?;
        self.stamp = self.stamp.wrapping_add(1);
        self.touched.clear();
        let mut shares = Vec::with_capacity(pieces.len());
        let mut near = Vec::new();
        let mut number = 0;
        for run in pieces.chunk_by(|a, b| a.key == b.key) {
            self.absorb_run(run, number, &mut near, &mut shares);
            number += u32::try_from(run.len()).unwrap_or(NONE);
        }
        Ok(shares)
    }

    /// The pieces of one key: takes the atoms they may reach off its chain, newest first, and puts them back in order
    /// of time, joined with the pieces.
    fn absorb_run(&mut self, run: &[Piece], number: u32, near: &mut Vec<u32>, shares: &mut Vec<Share>) {
        let Some(Piece { key, first, .. }) = run.first().copied() else { return };
        self.touched.push((key, first));
        let mut at = self.chains.head(key);
        while let Some(link) = self.chains.get(at).filter(|link| self.reach(link.last, link.end) >= first) {
            near.push(at);
            at = link.older;
        }
        self.chains.set_head(key, at);
        let mut pieces = (number..).zip(run).peekable();
        let mut open: Option<Open> = None;
        loop {
            let atom = near.last().and_then(|&place| self.chains.get(place).map(|link| (place, *link)));
            let piece = pieces.peek().copied();
            let (link, place, source) = match (atom, piece) {
                (Some((place, link)), None) => (link, place, Source::Span(place)),
                (Some((place, link)), Some((_, piece))) if link.first <= piece.first => {
                    (link, place, Source::Span(place))
                }
                (_, Some((number, piece))) => {
                    let Piece { first, last, end, .. } = *piece;
                    (Link { first, last, end, older: NONE, stamp: 0 }, NONE, Source::Piece(number))
                }
                (None, None) => break,
            };
            if place == NONE {
                pieces.next();
            } else {
                near.pop();
            }
            let share = Share { into: NONE, source, last: link.last };
            open = match open {
                Some(open) if link.first <= self.reach(open.link.last, open.link.end) => {
                    Some(self.join(open, link, place))
                }
                before => {
                    self.finish(key, before, shares);
                    Some(Open { link, place, shares_from: shares.len(), is_changed: place == NONE })
                }
            };
            shares.push(share);
        }
        self.finish(key, open, shares);
    }

    fn join(&mut self, open: Open, link: Link, place: u32) -> Open {
        let mut joined = open.link;
        joined.last = joined.last.max(link.last);
        joined.end = joined.end.max(link.end);
        let kept = if open.place == NONE { place } else { open.place };
        if place != NONE && place != kept {
            self.chains.retire(place);
        }
        Open { link: joined, place: kept, is_changed: true, ..open }
    }

    fn finish(&mut self, key: u32, open: Option<Open>, shares: &mut Vec<Share>) {
        let Some(mut open) = open else { return };
        open.link.older = self.chains.head(key);
        if open.is_changed {
            open.link.stamp = self.stamp;
            self.dues.lower(key, self.end(&open.link));
        }
        let place = if open.place == NONE {
            self.chains.add(open.link)
        } else {
            if let Some(link) = self.chains.get_mut(open.place) {
                *link = open.link;
            }
            open.place
        };
        self.chains.set_head(key, place);
        if open.is_changed {
            shares.iter_mut().skip(open.shares_from).for_each(|share| share.into = place);
        } else {
            shares.truncate(open.shares_from);
        }
    }

    /// Takes out the sessions that end by this time.
    pub(in crate::window) fn close(&mut self, by: Timestamp) -> Sessions {
        let mut closed = Sessions::default();
        for key in self.dues.take(by.0) {
            let from = closed.atoms.len();
            closed.atoms.extend(self.chains.of(key).map(|(place, _)| place));
            closed.atoms[from..].reverse();
            let open = self.split(&mut closed, key, from, |session| session.end <= by.0);
            let Some((oldest, end)) = open else {
                self.chains.set_head(key, NONE);
                continue;
            };
            if let Some(link) = self.chains.get_mut(oldest) {
                link.older = NONE;
            }
            self.dues.lower(key, end);
        }
        closed.atoms.iter().for_each(|&place| self.chains.retire(place));
        closed.sort();
        closed
    }

    /// The sessions that rows of the last batch are in.
    pub(in crate::window) fn changed(&self) -> Sessions {
        let mut changed = Sessions::default();
        for &(key, first) in &self.touched {
            let from = changed.atoms.len();
            let mut bound = first;
            for (place, link) in self.chains.of(key) {
                if self.end(link) < bound {
                    break;
                }
                bound = bound.min(link.first);
                changed.atoms.push(place);
            }
            changed.atoms[from..].reverse();
            let sessions = changed.list.len();
            self.split(&mut changed, key, from, |_| true);
            let mut kept = sessions;
            for at in sessions..changed.list.len() {
                let session = changed.list[at];
                if changed.atoms_of(&session).iter().any(|&atom| self.is_touched(atom)) {
                    changed.list[kept] = session;
                    kept += 1;
                }
            }
            changed.list.truncate(kept);
        }
        changed.sort();
        changed
    }

    /// All sessions there are.
    pub(in crate::window) fn all(&self) -> Sessions {
        let mut all = Sessions::default();
        for key in self.chains.keys() {
            let from = all.atoms.len();
            all.atoms.extend(self.chains.of(key).map(|(place, _)| place));
            all.atoms[from..].reverse();
            self.split(&mut all, key, from, |_| true);
        }
        all.sort();
        all
    }

    /// Makes sessions of the atoms from this position on, for as long as they are wanted; the others are cut off.
    /// Gives the first atom that was cut off, and when its session ends.
    fn split(
        &self,
        sessions: &mut Sessions,
        key: u32,
        mut from: usize,
        wanted: impl Fn(&Session) -> bool,
    ) -> Option<(u32, i64)> {
        while let Some(start) = sessions.atoms.get(from).and_then(|&atom| self.chains.get(atom)) {
            let mut session = Session { key, start: start.first, end: self.end(start), from, to: from + 1 };
            while let Some(next) = sessions.atoms.get(session.to).and_then(|&atom| self.chains.get(atom))
                && next.first <= session.end
            {
                session.end = session.end.max(self.end(next));
                session.to += 1;
            }
            if !wanted(&session) {
                let cut = sessions.atoms[from];
                sessions.atoms.truncate(from);
                return Some((cut, session.end));
            }
            from = session.to;
            sessions.list.push(session);
        }
        None
    }

    /// Goes on where another was. Says what is not as if the present gap had held from the start.
    pub(in crate::window) fn go_on(&mut self, old: Self) -> Option<String> {
        let Self { chains, dues, gap, finest, stamp, touched } = old;
        let note = match (gap, self.gap) {
            (SessionGap::Fixed(_), SessionGap::Fixed(now)) => {
                self.finest = now.0.min(finest);
                let is_finer = now.0 < finest;
                is_finer.then(|| {
                    format!(
                        "rows that are in one session with pauses of up to {} stay so; the shorter gap holds for rows \
                         that follow",
                        Span(finest)
                    )
                })
            }
            (SessionGap::PerRow, SessionGap::PerRow) => None,
            (SessionGap::Fixed(_), SessionGap::PerRow) | (SessionGap::PerRow, SessionGap::Fixed(_)) => {
                Some("rows so far stay in the sessions they are in; the new gap holds for rows that follow".to_owned())
            }
        };
        (self.chains, self.dues, self.stamp, self.touched) = (chains, dues, stamp, touched);
        if let (SessionGap::Fixed(was), SessionGap::PerRow) = (gap, self.gap) {
            self.chains.links_mut().for_each(|link| link.end = link.last.saturating_add(was.0));
        }
        self.look_at_all();
        note
    }

    /// Numbers keys and atoms anew. Gives the keys that are left and the atoms' old places in their new order.
    pub(in crate::window) fn compact(&mut self) -> (Vec<u32>, Vec<u32>) {
        let compacted = self.chains.compact();
        self.touched.clear();
        self.dues = Dues::default();
        self.dues.cover(compacted.0.len());
        self.look_at_all();
        compacted
    }

    /// The smallest gap there was.
    pub(in crate::window) fn finest(&self) -> Span {
        Span(self.finest)
    }

    /// Takes this to have been the smallest gap, for a rehearsal.
    pub(in crate::window) fn imagine(&mut self, finest: Option<Span>) {
        self.finest = finest.map_or(self.finest, |finest| finest.0);
    }

    /// How many atoms there are.
    pub(in crate::window) fn live(&self) -> usize {
        self.chains.live()
    }

    /// How many places for atoms there are.
    pub(in crate::window) fn places(&self) -> usize {
        self.chains.places()
    }

    /// Bytes, roughly.
    pub(in crate::window) fn size(&self) -> usize {
        self.chains.size() + self.dues.size() + self.touched.capacity() * size_of::<(u32, i64)>()
    }

    fn look_at_all(&mut self) {
        let keys: Vec<u32> = self.chains.keys().collect();
        keys.into_iter().for_each(|key| self.dues.lower(key, i64::MIN));
    }

    fn is_touched(&self, atom: u32) -> bool {
        self.chains.get(atom).is_some_and(|link| link.stamp == self.stamp)
    }

    /// How far an atom reaches for the next row.
    fn reach(&self, last: i64, end: i64) -> i64 {
        match self.gap {
            SessionGap::Fixed(_) => last.saturating_add(self.finest),
            SessionGap::PerRow => end,
        }
    }

    /// Where a session ends whose last atom this is.
    fn end(&self, link: &Link) -> i64 {
        match self.gap {
            SessionGap::Fixed(gap) => link.last.saturating_add(gap.0),
            SessionGap::PerRow => link.end,
        }
    }
}
