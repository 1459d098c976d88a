import type { h225 } from '../schemas';
import { MEDIA_TRAVERSAL, SIGNALLING_TRAVERSAL } from '../schemas/h460';

/** Features of H.460 that this gatekeeper knows. */
const KNOWN = new Set<number>([SIGNALLING_TRAVERSAL.standard, MEDIA_TRAVERSAL.standard]);

const standardOf = ({ id }: h225.FeatureDescriptor): number | undefined => ('standard' in id ? Number(id.standard) : undefined);
const standards = (features: h225.FeatureDescriptor[] | undefined): (number | undefined)[] => (features ?? []).map(standardOf);

/** The sender can traverse a firewall by H.460.18, or wants to. */
export function offersTraversal(featureSet: h225.FeatureSet | undefined): boolean {
  if (!featureSet) return false;
  const { neededFeatures, desiredFeatures, supportedFeatures } = featureSet;
  return [neededFeatures, desiredFeatures, supportedFeatures].some((features) => standards(features).includes(SIGNALLING_TRAVERSAL.standard));
}

/** The sender needs something that is not known here, or, where firewalls are not traversed, that. */
export function needsMore(featureSet: h225.FeatureSet | undefined, traversal: boolean): boolean {
  return standards(featureSet?.neededFeatures).some((standard) => standard === undefined || !traversal || !KNOWN.has(standard));
}

/** What a gatekeeper says that traverses firewalls (H.460.18 section 7.1). */
export const TRAVERSAL_FEATURES: h225.FeatureSet = {
  replacementFeatureSet: false, supportedFeatures: [{ id: { standard: SIGNALLING_TRAVERSAL.standard } }],
};
