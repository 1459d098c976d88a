// H.225.0 (v7) RAS: the messages themselves.
import { choice, type Infer, sequenceOf } from '../../per';
import {
  AdmissionConfirm, AdmissionReject, AdmissionRequest, BandwidthConfirm, BandwidthReject, BandwidthRequest, DisengageConfirm,
  DisengageReject, DisengageRequest,
} from './ras-admission';
import {
  InfoRequest, InfoRequestAck, InfoRequestNak, InfoRequestResponse, LocationConfirm, LocationReject, LocationRequest,
  NonStandardMessage, RequestInProgress, ResourcesAvailableConfirm, ResourcesAvailableIndicate, ServiceControlIndication,
  ServiceControlResponse, UnknownMessageResponse,
} from './ras-information';
import {
  GatekeeperConfirm, GatekeeperReject, GatekeeperRequest, RegistrationConfirm, RegistrationReject, RegistrationRequest,
  UnregistrationConfirm, UnregistrationReject, UnregistrationRequest,
} from './ras-registration';

export const RasMessage = choice({
  gatekeeperRequest: GatekeeperRequest,
  gatekeeperConfirm: GatekeeperConfirm,
  gatekeeperReject: GatekeeperReject,
  registrationRequest: RegistrationRequest,
  registrationConfirm: RegistrationConfirm,
  registrationReject: RegistrationReject,
  unregistrationRequest: UnregistrationRequest,
  unregistrationConfirm: UnregistrationConfirm,
  unregistrationReject: UnregistrationReject,
  admissionRequest: AdmissionRequest,
  admissionConfirm: AdmissionConfirm,
  admissionReject: AdmissionReject,
  bandwidthRequest: BandwidthRequest,
  bandwidthConfirm: BandwidthConfirm,
  bandwidthReject: BandwidthReject,
  disengageRequest: DisengageRequest,
  disengageConfirm: DisengageConfirm,
  disengageReject: DisengageReject,
  locationRequest: LocationRequest,
  locationConfirm: LocationConfirm,
  locationReject: LocationReject,
  infoRequest: InfoRequest,
  infoRequestResponse: InfoRequestResponse,
  nonStandardMessage: NonStandardMessage,
  unknownMessageResponse: UnknownMessageResponse,
}, {
  requestInProgress: RequestInProgress,
  resourcesAvailableIndicate: ResourcesAvailableIndicate,
  resourcesAvailableConfirm: ResourcesAvailableConfirm,
  infoRequestAck: InfoRequestAck,
  infoRequestNak: InfoRequestNak,
  serviceControlIndication: ServiceControlIndication,
  serviceControlResponse: ServiceControlResponse,
  admissionConfirmSequence: sequenceOf(AdmissionConfirm),
});
export type RasMessage = Infer<typeof RasMessage>;
