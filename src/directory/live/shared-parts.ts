import type { OpeningHours, Service, ServicePlan } from '../model';

/** Different values that are remembered; with more, all are forgotten. */
const MAX_VALUES = 10_000;

/**
 * Makes equal opening hours and plans of services one object each: a country's services have few of them, what is decided by hours is
 * kept with the object, and the garbage collector has so much less to walk through.
 */
export class SharedParts {
  private readonly values = new Map<string, object>();

  /** The same service; not to be changed by anybody afterwards. */
  of(service: Service): Service {
    const { hours, plan } = service;
    return { ...service, plan: this.shared<ServicePlan>(plan), ...(hours && { hours: this.shared<OpeningHours>(hours) }) };
  }

  private shared<T extends object>(value: T): T {
    const text = JSON.stringify(value);
    const known = this.values.get(text);
    if (known !== undefined) return known as T;
    if (this.values.size >= MAX_VALUES) this.values.clear();
    this.values.set(text, value);
    return value;
  }
}
