# expect: 25 serial-await, 30 serial-await
import asyncio


async def fetch(number):
    await asyncio.sleep(1)
    return number


async def orders(user):
    await asyncio.sleep(0.5)
    return [user]


async def blink(led):
    led.on()
    await asyncio.sleep(1)
    led.off()
    return led


async def every(numbers):
    results = []
    for number in numbers:
        results.append(await fetch(number))
    return results


async def page(number):
    one = await fetch(number)
    list_of = await orders(number)
    return one, list_of


async def dependent(number):
    one = await fetch(number)
    return one, await orders(one)


async def pauses(numbers):
    for number in numbers:
        await fetch(number)


async def lights(leds):
    done = []
    for led in leds:
        done.append(await blink(led))
    return done
