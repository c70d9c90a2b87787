export const devices = {
  microphone: 'Mikrofon',
  camera: 'Kamera',
  speaker: 'Högtalare',
  systemDefault: 'Systemets standard',
  unnamed: (kind: string, index: number) => `${kind} ${index}`,
  chooseMicrophone: 'Välj mikrofon',
  chooseCamera: 'Välj kamera',
  chooseSpeaker: 'Välj högtalare',
  preview: 'Din kamerabild',
  previewOff: 'Kameran är av',
  previewStarting: 'Startar kameran …',
  level: 'Mikrofonens nivå',
  levelHint: 'Säg något. Stapeln rör sig när mikrofonen hör dig.',
  playTone: 'Spela en ton',
  tonePlaying: 'Tonen spelas nu.',
  toneHint: 'Hör du tonen fungerar högtalaren.',
  toneFailed: 'Tonen kunde inte spelas. Kontrollera ljudutgången.',
  /** What went wrong with a device, by kind. */
  trouble: {
    insecure: () =>
      'Webbläsaren ger kamera och mikrofon bara till sidor över https. Du kan ändå delta och lyssna.',
    denied: (device: string) =>
      `${device}: sidan har inte fått lov. Tillåt den i webbläsarens adressfält och försök igen.`,
    missing: (device: string) => `${device}: ingen hittades. Anslut en och försök igen.`,
    busy: (device: string) =>
      `${device}: används av ett annat program. Stäng det programmet och försök igen.`,
    lost: (device: string) => `${device}: enheten kopplades ur eller stannade.`,
    failed: (device: string) => `${device}: kunde inte startas. Försök igen eller välj en annan enhet.`,
  },
  checks: {
    heading: 'Webbläsare och anslutning',
    run: 'Testa igen',
    running: 'Testar …',
    allGood: 'Allt som går att pröva här fungerar.',
    notTried:
      'Anslutningen för ljud och bild prövas först när du går in i mötet: nätet kan stoppa den även om allt här fungerar.',
    someProblem: 'Något behöver åtgärdas, se listan.',
    browserGood: 'Webbläsaren kan ta emot och skicka ljud och bild.',
    browserProblem:
      'Webbläsaren kan inte användas för videomöten. Byt till Chrome, Edge, Firefox eller Safari i aktuell version.',
    encryptionGood: 'Webbläsaren klarar totalsträckskryptering.',
    encryptionWarning:
      'Webbläsaren klarar inte totalsträckskryptering. Möten som kräver det kan du inte delta i med den här webbläsaren.',
    serverGood: (ms: number) => `Servern svarar på ${ms} ms.`,
    serverProblem: 'Servern svarar inte. Kontrollera internetanslutningen.',
    socketGood: 'Anslutningen för mötet (WebSocket) går att öppna.',
    socketProblem:
      'Anslutningen för mötet (WebSocket) stoppas, ofta av en brandvägg eller proxy. Prova ett annat nät eller kontakta supporten.',
    mediaGood:
      'Webbläsaren kan öppna UDP-anslutningar för ljud och bild. Det här prövar bara din webbläsare, inte ditt nät.',
    mediaWarning:
      'Ingen väg för ljud och bild (UDP) gick att öppna. Ett tillägg, en VPN eller en brandvägg kan stoppa den.',
    good: 'Fungerar',
    problem: 'Problem',
    warning: 'Observera',
  },
};
