"""What people really say in groups, some of it close to what rules look for. All made up."""

INNOCENTS = tuple(
    line
    for line in """
今天下午的会议改到三点开始，大家记得带电脑
谁有昨天的笔记，发我一份谢谢
我把红包发群里了，大家抢一下，图个吉利
老板发红包啦，谢谢老板
微信支付付不了款，有人遇到过吗
我的微信步数今天两万，累死了
参加微信群活动的同学请报名
下飞机了，行李还没到
飞机晚点两个小时，郁闷
机场大巴几点停运？
周末去澳门旅游，有什么推荐
黄金周去哪里都是人
这个菠菜怎么炒好吃
菠菜汤放点豆腐很鲜
我在背刷单词，今天一百个
打卡！今天跑了五公里
打卡第三十天，继续加油
请问怎么打卡？
新人报到，请多关照
群规在哪里看？
作业第三题的答案是多少
毕业证什么时候领
下周考驾照，好紧张
身份证丢了怎么补办
发票抬头写什么
报销发票要贴好
老师的电话是多少来着
打电话没人接，发微信吧
加我一个，周六我也去
找我妈要了点钱买书
上车了，二十分钟后到
共享单车又坏了
滚筒洗衣机洗羽绒服可以吗
我真是个废物，早起又失败了
这道题把我做成智障了哈哈
神经病院的剧情好看吗
等公交车等了半小时
按摩椅放客厅会不会太大
空姐态度特别好
种子发芽了！好开心
冰红茶和冰淇淋你选哪个
他这个人挺搞笑的
这个价格有点贵，等打折再买
超市鸡蛋打折，去晚了就没了
电影票三十五块，要一起吗
房租三千，还是有点贵
工资还没发，先吃泡面
公司年会抽奖我又没中
项目周五上线，大家辛苦
数据库连不上，谁看一下
服务器炸了，先别发版
链接打不开，换一个
github.com 今天好慢
文档在 https://www.yuque.com/team/doc 里
视频在这 https://b23.tv/abc123
readme.md 写错了，main.py 也要改
我用的 node.js 版本太旧了
投资人脉很重要，课上讲的
基金又跌了，心态崩了
股票我不懂，别问我
贷款买房压力太大了
房贷还有二十年
信用卡账单出来了，好多
银行卡丢了要去挂失
验证码收不到怎么办
密码忘了，怎么重置
登录不上去，一直转圈
账号是不是要绑定手机
这门课程下学期还开吗
健身第一天，腿已经不是我的了
减肥太难了，晚上又吃多了
瑜伽课你去吗
搬家太累了，东西真多
装修灰尘好大，天天打扫
孩子上早教有必要吗
猫又吐了，要不要去医院
感冒三天了还没好
多喝热水，早点休息
生日快乐！祝你天天开心
新年快乐，恭喜发财
祝大家中秋快乐，阖家团圆
晚安，明天见
早上好，今天降温多穿点
哈哈哈哈哈笑死我了
真的假的？太离谱了吧
我觉得这个方案不太行，再想想
你说得对，是我没考虑周全
不同意，数据不是这么看的
吵架没意思，大家各退一步
别生气了，请你喝奶茶
这游戏太难了，队友都在送
带我飞，我辅助很稳
我玩辅助，你玩射手
求带，刚上黄金段位
赛车游戏哪个好玩
德云社的票抢到了吗
演唱会门票真贵
奶茶第二杯半价，拼一单吗
一点鸡翅，两份薯条
月月红的花开了
今年工资涨了五百块，开心
预约挂号太难了
快递到了，帮我拿一下
手机卡了，重启一下
退款成功了，客服态度不错
导师让我改第五版论文
考研加油，坚持就是胜利
上岸了！复试第一
See you at five, I will bring the snacks
Could you send me the slides from yesterday?
I won the chess game last night!
Free on Saturday? We could go hiking
My phone died, call me on the landline later
The meeting moved to 3:30 p.m., same room
Happy birthday! Have a great day
Thanks for the help, that fixed it
I think the second option is better
Who wants pizza tonight? 12 dollars each
The build is green again
Can somebody review my pull request?
I lost my keys again, what an idiot I am sometimes
Traffic is terrible, running ten minutes late
Did anyone watch the match yesterday?
Our profits fell a little last quarter, says the report
The lecture on investment banking was boring
Please read the group rules before posting
群里又有人发刷单广告了，管理快踢
刚才那个兼职刷单的是骗子吧，大家别信
我妈差点被刷单骗了两万，气死
现在的骗子都说无抵押秒批，千万别点
新闻说又抓了一个网络赌博团伙
警方提醒：凡是让你转账到安全账户的都是诈骗
反诈中心今天来学校讲座了
有人冒充客服退款骗了我同学三千
我爷爷收到中奖短信，我劝了半天他才信是假的
昨天看了个讲赌博害人的电影，挺压抑的
微信群里天天有人卖面膜，烦死了
那个加我微信的人一上来就推销保险
怎么关闭微信的加好友验证
我微信换号了，老朋友们回头加一下新的
你加我微信没有，我怎么没看到
我们班加了个微信群，家长都在里面
老师让加钉钉，又要装一个软件
把他微信推给我一下呗
这家饭店订位电话打了三次都占线
楼下面馆电话我记得是 82345678，你问问
物业电话贴在电梯里了，坏了就打那个
咱们晚上吃火锅吧，人均八十，我请客
打车过来三十块，不贵
我那辆二手自行车两百卖给室友了
去年那台电脑花了我五千，现在才值两千
房租又涨了五百，真想搬走
工资发了，终于能还信用卡了
花呗这个月欠了一千多，吃土
想买房，首付还差三十万
银行说我贷款批下来了，下个月交房
股票又跌了，我还是老实上班吧
基金亏了百分之二十，不敢看
比特币又涨了，可惜我一个都没有
有人懂理财吗，定期和国债哪个好
老板今天又画饼，说年底翻倍
周末有个招聘会，大家一起去看看
我妹找了个兼职，在奶茶店摇奶茶
暑假想找份兼职，你们有经验吗
兼职太累了，时薪才十五
我爸以前是开出租的
这把队友真坑，打野从来不来下路
对面是不是开挂了，这都能打中我
又遇到外挂了，一枪爆头，举报了
昨天上分上到钻石，今天全掉回来了
这个皮肤好看，就是太贵了
谁一起打排位，差一个辅助
别骂了别骂了，我承认我菜
你这个操作我笑死，傻得可爱
哈哈哈哈你是不是傻
我真服了我自己，丢三落四
这剧情太狗血了，编剧是认真的吗
这电影烂得要死，浪费我两个小时
气死我了，快递又丢了
我们公司空调坏了三天没人修，无语
他说话是有点冲，不过人不坏
女生宿舍又停水了
我奶奶是河南人，做的烩面特别好吃
东北的冬天真的太冷了
上海的小笼包比我们这的甜
有没有黑人音乐推荐，爵士那种
男生穿粉色也很好看啊
同性恋题材的电影最近有什么好看的
非洲的动物大迁徙太震撼了
印度电影唱歌跳舞的部分好欢乐
我同事是日本人，中文说得比我好
她一个人带两个孩子真不容易
回族同学推荐的牛肉面馆，绝了
今天相亲，对方迟到一个小时
直播间那个衣服看着好看，收到就一般
双十一买的东西还没到
优惠券过期了，好气
这家店满一百减二十，叫上我一起
菜鸟驿站排队好长
您的验证码是 482913，五分钟内有效，请勿泄露给他人
您的快递已到东门驿站，凭取件码 5-3-2018 领取
尊敬的用户，您本月剩余流量 3.2GB
您尾号 1234 的储蓄卡支出人民币 35.00 元，可用余额 820.15 元
明天上午九点到下午三点停水，请大家提前接水
气象台发布暴雨黄色预警，注意安全
孩子的家长会改到周五下午两点了
图书馆预约成功，座位在三楼
体检报告出来了，血脂有点高
航班改签了，明早八点的
高铁票候补成功了
扫码点餐那个页面打不开
二维码过期了，你重新发一个
这个链接打不开，是不是被墙了
文档我放网盘了，密码发你私聊
作业发群文件里了，自己下载
私聊吧，这里人多
有问题可以私信我，我晚上回
谁有多余的票，我想带我弟一起去
求推荐一个靠谱的驾校
健身房年卡好贵，还是跑步吧
英语培训班退费了，折腾了一个月
考研英语怎么复习，有人一起吗
美容院又给我推销办卡，跑都跑不掉
装修公司拖了两个月，差评
中介带我看了五套房，没一套满意的
搬家公司临时加价，大家避雷
房东说不续租了，我得找房子
猫粮快没了，谁家打折喊我一声
孩子要打疫苗，预约不上
奶粉还有半罐就不喝了，送给有需要的朋友
群里有会修电脑的吗，开不了机
谁会用这个打印机，急
代码跑不起来，报错说找不到模块
这个接口返回空的，是不是参数没传
服务器又炸了，运维在修
我把配置改回去就好了
新版本更新以后一直闪退
注入灵魂的一笔，哈哈
这个内部类为什么不能访问外部变量
依赖注入到底是什么意思，谁给讲讲
脚本写好了，定时跑就行
破解了一道难题，太爽了
数学题第三问谁会，透视图那个
今天的透视练习好难，画了一下午
我们学校的科技节下周开始
卫星发射成功了，直播看得热血沸腾
企鹅好可爱，海洋馆值得去
飞机上睡了一路，脖子疼
徽州的菜有点咸但是好吃
维生素还是要吃的，医生说的
威海的海真干净
加班到十点，终于下班了
加油，你一定可以的
加点醋更好吃
咖啡加糖还是不加糖
红包封面抢到了，好看吗
过年给孩子们包多少红包合适
谁抢到最大的红包谁请客
运气王又是你，请客请客
这个月打卡全勤，奖励自己一杯奶茶
今天讲座有抽奖，我什么都没抽中
彩票买了十年，最多中过五块
打麻将输了二十块，不玩了
老人家就爱打打牌，不赌钱
世界杯你们猜谁夺冠
昨晚的球太精彩了，加时绝杀
按摩师傅手劲好大，腰舒服多了
小姐姐唱歌真好听
美女老师今天讲得特别清楚
医生说我要少熬夜
这个药要饭后吃，一天两次
子弹头列车就是快
枪战片还是老的好看
毒品题材的剧看得人心惊
他考驾照科目二挂了三次
我身份证落家里了，住不了酒店
公司要求开发票，抬头我发你
学校发毕业证那天你来吗
代购说要等两周，算了不买了
那个代理的微信太能刷屏了，我屏蔽了
加盟奶茶店听说都亏了
我表姐做微商，天天让我点赞
拼多多又让我砍一刀，永远差一分钱
淘宝客服回得好慢
退款到账了，还挺快
我的账号被冻结了，客服说要等三天
密码忘了，找回要验证码
谁冒充我在群里借钱？大家别转
借我五十块，明天还你
AA 一人四十五，转我就行
饭钱转你了，收一下
押金退了，房东人不错
你们公司年终奖发几个月
这个价能接受，再便宜就不靠谱了
买贵了，隔壁店便宜三十
门票学生半价，记得带证
楼下新开业的超市人好多
商场周年庆，停车都停不下
That message about a free prize is obviously a scam, don't click it
My grandma got a call from a fake bank and almost paid
Did anyone else get that spam text about a parcel?
I won the raffle at school, a box of cookies!
We won the match last night, what a game
Free tomorrow? Let's grab lunch
Is there free parking near the office?
The museum has free entry on Sundays, shall we go?
I'll call you when I land
Text me when you get home
Can you send me the link to the slides?
My bank app is down again
I finally paid off my loan, feels great
Bitcoin crashed again, glad I don't own any
The news says crypto scams doubled last year
He quit his job to trade stocks, what could go wrong
I need a part time job for the summer
She got an offer from two universities
The subscription renews in May, should we cancel it?
Your order has arrived, said the mail, but there is nothing at the door
Can I claim travel costs for the conference?
The prize ceremony is at six
Happy birthday! Hope you get lots of cash, haha
I paid 20 pounds for these tickets
Rent went up by 100 dollars, ugh
The phone number of the pizza place is on the fridge
Call the dentist and ask for another date
Ring me on the landline, my mobile is dead
My new mobile has a terrible camera
What's the best network here? I have no signal
There's a sale at the bookshop, half price paperbacks
Urgent: who took my charger
URGENT, the oven is still on!!!
WOW THAT WAS AMAZING
Stop shouting, I can read lower case too
lol you're an idiot, I love it
This bug is driving me mad
The boss is being a pain today
That referee was blind
I hate Mondays
Kill the process and start it again
The child process is dead, the parent waits
I could murder a burger right now
This song is sick
Our dog had puppies, anyone want one?
Dating apps are exhausting
My date was two hours late
The adult ticket is 12, kids are free
Chat later, my battery is low
Reply to the mail when you can
Please reply by Friday so that I can book the table
Weekly meeting moved to Thursday
Entry closes at nine, be quick
I got 100 points in the quiz!
Double cheese please
The draw is tonight, we play the winners of group B
Join us for a hike on Saturday
Join the call, we're waiting
Sign up for the potluck on the board in the kitchen
Check out the photos from last night in the album
Profit and loss statements are due on Monday
The trader in the film was so annoying
Investing in good shoes was the best thing I did
Can you check my resume before I apply?
Work from home tomorrow because of the storm
I make pasta every day
Anyone selling a used bike?
Selling my old desk, 30 euros, pick it up this week
Does this discount apply to students?
The coupon had expired, typical
Our guest speaker works on spam filters
How do spammers get our numbers anyway?
Moderator, someone posted a casino link, please delete it
Do not buy accounts from strangers, you will lose them
The cheater in our lobby got banned, finally
""".strip().splitlines()
    if line
)
