/** Identifiers of the traversal features in FeatureDescriptor and GenericData (`{ standard: 18 }`), with those of their parameters. */
export const SIGNALLING_TRAVERSAL = {
  /** H.460.18. */
  standard: 18,
  /** IncomingCallIndication, raw, in an SCI. */
  incomingCallIndication: 1,
  /** LRQKeepAliveData, raw, in an LCF. */
  lrqKeepAliveData: 2,
  /** H.245 `messageIdentifier` of the messages that tell to which call an H.245 connection belongs. */
  messageIdentifier: '0.0.8.460.18.0.1',
  /** connectionCorrelation, with a GUID in parameter 1 and `answerCall` in 2. */
  connectionCorrelation: { subMessageIdentifier: 1, callIdentifier: 1, answerCall: 2 },
} as const;

export const MEDIA_TRAVERSAL = {
  /** H.460.19. */
  standard: 19,
  /** No content: the sender can send multiplexed media. */
  supportTransmitMultiplexedMedia: 1,
  /** No content: the sender is the server side. */
  mediaTraversalServer: 2,
  /** H.245 `messageIdentifier` under which TraversalParameters travel, with parameter 1. */
  messageIdentifier: '0.0.8.460.19.0.1',
  traversalParameters: 1,
} as const;
