import { describeSoak } from '../support/soak';

describeSoak({ media: 'direct', calls: 3_000, first: 500, rate: 90 });
