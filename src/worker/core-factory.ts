import { ActiveSpeakerObserver } from '../router/active-speaker-observer.js';
import { AudioLevelObserver } from '../router/audio-level-observer.js';
import { Router } from '../router/router.js';
import type { DtlsCertificate } from '../transport/dtls/dtls-certificate.js';
import { PipeTransport } from '../transport/pipe-transport.js';
import { PlainTransport } from '../transport/plain-transport.js';
import type { TransportContext } from '../transport/transport-context.js';
import { WebRtcServerPort } from '../transport/webrtc-server-port.js';
import { WebRtcTransport } from '../transport/webrtc-transport.js';
import type { CoreFactory } from './core.js';

/** The real routers, transports, observers and ports of one thread. */
export function createCoreFactory(
  context: TransportContext,
  certificate: DtlsCertificate,
): CoreFactory<Router, WebRtcServerPort> {
  return {
    createRouter: (id) => new Router(id, context.core),
    createWebRtcServer: (id, listenInfos) => WebRtcServerPort.create({ id, listenInfos }),
    createWebRtcTransport: (
      router,
      server,
      { transportId, listenInfos, iceConsentTimeout, initialAvailableOutgoingBitrate },
    ) =>
      WebRtcTransport.create({
        id: transportId,
        router,
        context,
        certificate,
        server,
        listenInfos,
        iceConsentTimeout,
        initialAvailableOutgoingBitrate,
      }),
    createPlainTransport: (router, { transportId, ...options }) =>
      PlainTransport.create({ id: transportId, router, context, ...options }),
    createPipeTransport: (router, { transportId, ...options }) =>
      PipeTransport.create({ id: transportId, router, context, ...options }),
    createAudioLevelObserver: (router, { rtpObserverId, ...settings }) =>
      new AudioLevelObserver(rtpObserverId, router, context.core, settings),
    createActiveSpeakerObserver: (router, { rtpObserverId, ...settings }) =>
      new ActiveSpeakerObserver(rtpObserverId, router, context.core, settings),
  };
}
