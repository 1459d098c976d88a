import { describeSoak } from '../support/soak';

describeSoak({ media: 'anchored', calls: 1_000, first: 250, rate: 16 });
