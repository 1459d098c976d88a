/** Why a command of an application is not carried out; the text is what drachtio-server answers, because applications read it. */
export class Refusal extends Error {}
