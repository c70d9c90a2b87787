/** By the codes of the interface, see shared/api.ts. Codes that are not here are told in the server's own words. */
export const failures = {
  unknown: 'Något gick fel hos oss. Försök igen om en stund.',
  byCode: {
    offline: 'Servern svarar inte. Kontrollera din internetanslutning och försök igen.',
    timeout: 'Servern svarar för långsamt. Försök igen om en stund.',
    'bad-answer': 'Servern svarade något som sidan inte förstår. Ladda om sidan och försök igen.',
    'not-signed-in': 'Du är inte längre inloggad. Logga in igen.',
    forbidden: 'Du har inte behörighet till det här.',
    'not-found': 'Det du söker finns inte, eller har tagits bort.',
    gone: 'Länken gäller inte längre. Be den som bjöd in dig om en ny.',
    'rate-limited': 'Det blev för många försök på kort tid. Vänta en minut och försök igen.',
    internal: 'Något gick fel hos oss. Försök igen om en stund.',
    'assurance-too-low':
      'Mötet kräver en säkrare legitimering än den du använde. Välj ett annat sätt att legitimera dig.',
    'identity-mismatch':
      'Inbjudan är personlig och gäller någon annan. Kontrollera att du har öppnat rätt inbjudan, eller kontakta den som bjöd in dig.',
    'already-claimed':
      'Inbjudan används redan av någon annan. Kontakta den som bjöd in dig om det borde vara du.',
    'payment-required': 'Avgiften behöver betalas innan du kan gå till väntrummet.',
    'not-open': 'Väntrummet öppnar en timme före mötet. Kom tillbaka då.',
    'not-admitted': 'Du är inte insläppt i mötet.',
    'meeting-full': 'Mötet är fullt. Ingen mer kan släppas in just nu.',
    'connect-failed': 'Servern kan inte nås. Kontrollera din internetanslutning och försök igen.',
    'connection-lost': 'Anslutningen till mötet bröts.',
    unauthorized: 'Du är inte insläppt i mötet.',
    'room-full': 'Mötet är fullt. Ingen mer kan släppas in just nu.',
    'too-many-rooms': 'Servern har inte plats för fler möten just nu. Försök igen om en stund.',
    'too-many-connections': 'Servern är full just nu. Försök igen om en stund.',
    'media-unavailable': 'Servern kan inte föra över ljud och bild just nu. Försök igen om en stund.',
    draining: 'Servern startar om. Försök igen om en minut.',
    'unsupported-device':
      'Webbläsaren kan inte delta. Byt till Chrome, Edge, Firefox eller Safari i aktuell version.',
    'limit-reached': 'Gränsen för hur många det får finnas är nådd.',
  } as Record<string, string>,
  /** Of an identification, by `EidFailure`. */
  eid: {
    'cancelled-by-user': 'Legitimeringen avbröts. Försök igen när du vill.',
    expired: 'Tiden för legitimeringen gick ut. Börja om.',
    'start-failed': 'Appen kunde inte startas, eller så lästes QR-koden inte i tid. Försök igen.',
    'already-in-progress':
      'Det pågår redan en legitimering för dig. Avbryt den i appen, vänta en stund och försök igen.',
    'certificate-error':
      'Din e-legitimation är spärrad eller för gammal. Skaffa en ny hos din bank eller utgivare.',
    'risk-blocked': 'Utgivaren stoppade legitimeringen av säkerhetsskäl. Kontakta supporten.',
    'assurance-too-low': 'Din legitimering har lägre tillitsnivå än vad som krävs. Välj ett annat sätt.',
    'proof-invalid':
      'Svaret från e-legitimationen kunde inte kontrolleras. Ingen har släppts in. Försök igen.',
    'returned-elsewhere':
      'Legitimeringen godkändes i en annan webbläsare än den här. Ingen har loggats in. Börja om, eller använd QR-koden med appen på en annan enhet.',
    'provider-unavailable':
      'E-legitimationen svarar inte just nu. Försök igen om en stund eller välj ett annat sätt.',
    'wrong-code': 'Fel kod för många gånger. Begär en ny kod.',
    rejected: 'Legitimeringen godkändes inte. Försök igen eller välj ett annat sätt.',
  } as Record<string, string>,
  network: 'Vi har tappat kontakten med servern och försöker igen av oss själva.',
};
