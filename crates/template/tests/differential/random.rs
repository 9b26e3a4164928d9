//! Choices that differ from program to program, and are the same in every run.

pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Returns the choices of one program of a run.
    pub(crate) fn of_program(seed: u64, number: u64) -> Self {
        let mut random = Self { state: seed };
        let start = random.next();
        Self { state: start ^ number.wrapping_mul(0xd1b5_4a32_d192_ed03) }
    }

    /// Returns the next number, as `SplitMix64` makes it.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    /// Returns true in one of so many cases.
    pub(crate) fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.one_in(2)
    }

    pub(crate) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Returns an integer from one number to another.
    pub(crate) fn between(&mut self, from: i64, to: i64) -> i64 {
        let width = usize::try_from(to - from + 1).unwrap();
        from + i64::try_from(self.below(width)).unwrap()
    }
}
