//! Per key a chain of spans of time, newest first, in flat arrays: a key costs a number, a span one entry.
//!
//! A span that goes is *retired* first and its place given to another only with [`Chains::recycle`], so that whoever
//! keeps something by place can still read it in the meantime.

use crate::aggregate::AggregateError;

/// The end of a chain.
pub(super) const NONE: u32 = u32::MAX;

/// A span of a key's rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    /// The time of its first row.
    pub(super) first: i64,
    /// The time of its last row.
    pub(super) last: i64,
    /// How far its rows reach, by gaps of their own.
    pub(super) end: i64,
    /// The place of the span before it.
    pub(super) older: u32,
    /// The batch that touched it last.
    pub(super) stamp: u32,
}

/// The chains of all keys.
#[derive(Debug, Default)]
pub(super) struct Chains {
    heads: Vec<u32>,
    links: Vec<Link>,
    free: Vec<u32>,
    retired: Vec<u32>,
}

impl Chains {
    /// Makes sure that there are so many keys.
    pub(super) fn cover(&mut self, keys: usize) {
        if keys > self.heads.len() {
            self.heads.resize(keys, NONE);
        }
    }

    /// Makes sure that so many spans can be added.
    pub(super) fn make_room(&mut self, spans: usize) -> Result<(), AggregateError> {
        if self.links.len().saturating_add(spans) >= NONE as usize {
            return Err(AggregateError("more than four thousand million open windows; use a shorter gap".to_owned()));
        }
        Ok(())
    }

    /// The place of a key's newest span.
    pub(super) fn head(&self, key: u32) -> u32 {
        self.heads.get(key as usize).copied().unwrap_or(NONE)
    }

    /// Says which is a key's newest span.
    pub(super) fn set_head(&mut self, key: u32, place: u32) {
        if let Some(head) = self.heads.get_mut(key as usize) {
            *head = place;
        }
    }

    /// The span at this place; none at [`NONE`].
    pub(super) fn get(&self, place: u32) -> Option<&Link> {
        self.links.get(place as usize)
    }

    /// The span at this place, to change it.
    pub(super) fn get_mut(&mut self, place: u32) -> Option<&mut Link> {
        self.links.get_mut(place as usize)
    }

    /// Adds a span, in a recycled place if there is one. [`Self::make_room`] was asked before.
    pub(super) fn add(&mut self, link: Link) -> u32 {
        if let Some(place) = self.free.pop() {
            self.links[place as usize] = link;
            return place;
        }
        self.links.push(link);
        u32::try_from(self.links.len() - 1).unwrap_or(NONE)
    }

    /// Lets a span go that no chain holds any more.
    pub(super) fn retire(&mut self, place: u32) {
        self.retired.push(place);
    }

    /// Gives the places of retired spans to new ones.
    pub(super) fn recycle(&mut self) {
        self.free.append(&mut self.retired);
    }

    /// A key's spans, newest first.
    pub(super) fn of(&self, key: u32) -> impl Iterator<Item = (u32, &Link)> {
        let mut at = self.head(key);
        std::iter::from_fn(move || {
            let link = self.get(at)?;
            Some((std::mem::replace(&mut at, link.older), link))
        })
    }

    /// The keys that have a span, ascending.
    pub(super) fn keys(&self) -> impl Iterator<Item = u32> {
        (0u32..).zip(&self.heads).filter(|(_, head)| **head != NONE).map(|(key, _)| key)
    }

    /// All places, those of retired spans as well.
    pub(super) fn links_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.links.iter_mut()
    }

    /// How many spans there are.
    pub(super) fn live(&self) -> usize {
        self.links.len() - self.free.len() - self.retired.len()
    }

    /// How many places there are.
    pub(super) fn places(&self) -> usize {
        self.links.len()
    }

    /// Numbers keys and places anew, without gaps. Gives the keys that are left, ascending, and the old places in
    /// their new order.
    pub(super) fn compact(&mut self) -> (Vec<u32>, Vec<u32>) {
        let keys: Vec<u32> = self.keys().collect();
        let mut places = Vec::with_capacity(self.live());
        let mut compacted = Self::default();
        for &key in &keys {
            compacted.heads.push(u32::try_from(places.len()).unwrap_or(NONE));
            for (place, link) in self.of(key) {
                places.push(place);
                let older = if link.older == NONE { NONE } else { u32::try_from(places.len()).unwrap_or(NONE) };
                compacted.links.push(Link { older, ..*link });
            }
        }
        *self = compacted;
        (keys, places)
    }

    /// Bytes, roughly.
    pub(super) fn size(&self) -> usize {
        let places = self.heads.capacity() + self.free.capacity() + self.retired.capacity();
        places * size_of::<u32>() + self.links.capacity() * size_of::<Link>()
    }
}
