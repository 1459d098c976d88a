import { toH245Address, type ChannelRequest, type LogicalChannel } from '../h245';
import { encode } from '../per';
import { h460, type h225, type h245 } from '../schemas';

const { standard, mediaTraversalServer, messageIdentifier, traversalParameters } = h460.MEDIA_TRAVERSAL;

/** What Setup and the answers tell an endpoint that traverses firewalls: the gateway is the server side, without multiplexed media. */
export const MEDIA_SERVER: h225.FeatureDescriptor = { id: { standard }, parameters: [{ id: { standard: mediaTraversalServer } }] };

/**
 * Media of an endpoint behind a firewall, or a router that translates addresses: what it says of its own addresses does not hold here.
 * Its media are expected from where its signalling comes from; the media server finds the port by what arrives.
 *
 * With H.460.19 the endpoint sends keep-alives (RTP headers without payload, and RTCP) to where it is to receive from, so that this works
 * before and without media of its own. The server asks for them in the OpenLogicalChannel of each channel towards the endpoint; that this
 * is the place, and the identifiers, are as GnuGk (`HandleOpenLogicalChannel`) and H323plus (`OnReceiveOLCGenericInformation`) have it,
 * both of which also send the feature in Setup, Call Proceeding, Alerting and Connect.
 *
 * The embedded media server latches on to the first packet. FreeSWITCH (`switch_rtp.c`) adjusts RTP by the tenth packet from elsewhere
 * (`rtp_auto_adjust_threshold`) among the first twenty, and RTCP by the first: an endpoint that sends media is found within a fifth of a
 * second, one that only sends keep-alives is not found in time. The relay of media encrypted by H.235.6 finds it by keep-alives
 * until it sends something that can be decrypted. Where media flow straight between the parties it is for the other one to send to
 * where they come from.
 */
export class Firewall {
  /**
   * @param host where the endpoint's signalling comes from
   * @param keepAliveSeconds how often it shall send keep-alives; undefined: it knows nothing of H.460.19
   */
  constructor(private readonly host: () => string, private readonly keepAliveSeconds?: number) {}

  /** A channel to be opened, with where the endpoint shall send its keep-alives. */
  opening<Channel extends Pick<ChannelRequest, 'media'>>(channel: Channel): Channel & Pick<ChannelRequest, 'genericInformation'> {
    const { media } = channel;
    if (!media || this.keepAliveSeconds === undefined) return channel;
    const parameters = encode(h460.TraversalParameters, { keepAliveChannel: toH245Address(media.rtp), keepAliveInterval: this.keepAliveSeconds });
    return { ...channel, genericInformation: [genericInformation(parameters)] };
  }

  /** A channel with the address where the endpoint is seen in place of the one that it tells. */
  seen(channel: LogicalChannel): LogicalChannel {
    if (channel.direction === 'receive') return channel;
    const host = this.host();
    const { rtp, rtcp } = channel.media;
    return { ...channel, media: { rtp: { ...rtp, host }, ...(rtcp && { rtcp: { ...rtcp, host } }) } };
  }
}

const genericInformation = (octetString: Buffer): h245.GenericInformation => ({
  messageIdentifier: { standard: messageIdentifier }, messageContent: [{ parameterIdentifier: { standard: traversalParameters }, parameterValue: { octetString } }],
});
