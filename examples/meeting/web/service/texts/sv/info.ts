export const info = {
  expiry: {
    heading: 'Du loggas snart ut',
    lead: (minutes: string) =>
      `Du har inte gjort något på ett tag. Av säkerhetsskäl loggas du ut om ${minutes}.`,
    stay: 'Fortsätt vara inloggad',
    expiredHeading: 'Du har loggats ut',
    expired:
      'Det gick för lång tid utan att du gjorde något. Logga in igen för att fortsätta. Det du inte hade sparat är borta.',
    signInAgain: 'Logga in igen',
  },
  notFound: {
    title: 'Sidan finns inte',
    heading: 'Sidan finns inte',
    lead: 'Länken kan vara felskriven, eller så har sidan tagits bort. Har du fått en inbjudan? Öppna länken i den igen.',
  },
  failed: { heading: 'Det gick inte att visa sidan' },
  deviceTest: {
    title: 'Testa din utrustning',
    heading: 'Testa din utrustning',
    lead: 'Prova i god tid före mötet, helst på samma enhet och i samma nät som du ska använda. Inget spelas in eller skickas.',
  },
  support: {
    title: 'Support',
    heading: 'Support',
    lead: 'Vi hjälper dig före, under och efter mötet.',
    contactHeading: 'Kontakt',
    helpHeading: 'Vanliga frågor',
    questions: [
      {
        question: 'Jag hittar inte min inbjudan',
        answer: 'Titta i skräpposten. Be annars den som bjöd in dig att skicka den igen.',
      },
      {
        question: 'Jag kan inte legitimera mig',
        answer:
          'Kontrollera att appen är uppdaterad och att du använder den e-legitimation som mötet kräver. Välj annars ett annat sätt i listan.',
      },
      {
        question: 'Ingen släpper in mig',
        answer:
          'Ingen kommer in förrän värden är på plats. Håll sidan öppen. Fliken visar ett tecken när något händer.',
      },
      {
        question: 'Kameran eller mikrofonen fungerar inte',
        answer:
          'Tillåt kamera och mikrofon i webbläsarens adressfält, och stäng andra program som använder dem. Du kan delta utan.',
      },
      {
        question: 'Ljudet eller bilden hackar',
        answer: 'Sitt nära din router eller använd kabel. Stäng av kameran om anslutningen är svag.',
      },
    ],
  },
  accessibility: {
    title: 'Tillgänglighetsredogörelse',
    heading: 'Tillgänglighet i tjänsten',
    lead: (service: string) =>
      `Den här redogörelsen beskriver hur ${service} uppfyller lagen om tillgänglighet till digital offentlig service.`,
    sections: [
      {
        heading: 'Hur tillgänglig är tjänsten?',
        paragraphs: [
          'Målet är att tjänsten följer WCAG 2.1 nivå AA och EN 301 549. Varje sida kontrolleras automatiskt vid varje ändring, och de viktigaste flödena går att göra med enbart tangentbord.',
        ],
      },
      {
        heading: 'Kända brister',
        paragraphs: [
          'Samtal i mötet textas inte av tjänsten. Behöver du text, tecken eller tolk: säg till när du bokas in, så kan en tolk bjudas in till mötet.',
          'Om du inte kan skanna en QR-kod kan du öppna e-legitimationen på samma enhet.',
        ],
      },
      {
        heading: 'Säg till om hinder',
        paragraphs: [
          'Hittar du något som inte fungerar, eller behöver du informationen på ett annat sätt, kontakta supporten. Vi svarar så snart vi kan.',
        ],
      },
      {
        heading: 'Tillsyn',
        paragraphs: [
          'Myndigheten för digital förvaltning, Digg, har tillsyn över lagen. Är du inte nöjd med hur vi hanterar dina synpunkter kan du anmäla det till Digg på digg.se.',
        ],
      },
      {
        heading: 'Så har vi testat',
        paragraphs: [
          'Vi testar med automatiska verktyg (axe-core) i svenska och engelska, på dator och telefon, med tangentbord, vid 320 pixlars bredd och med minskad rörelse.',
        ],
      },
    ],
  },
};
